/** What can be wrong with a GPU, and what to do about it. */
import { UnsupportedError } from "@scan-train/core/backend-kit";

/** The version of the npm package `webgpu` that this package is tested with. */
export const bindingVersion = "0.6.2";

const elsewhere = "compile for WebAssembly: leave backend out, or take --backend wasm";

export function noApi(): UnsupportedError {
  return new UnsupportedError("GPU_NO_API", "this page has no WebGPU: navigator.gpu is missing", {
    hint: `serve the page from https or localhost, and take a browser with WebGPU (Chrome and Edge from 113, Safari from 26, Firefox from 141); or ${elsewhere}`,
  });
}

export function noBinding(cause: unknown): UnsupportedError {
  const isAbsent =
    cause instanceof Error && "code" in cause && cause.code === "ERR_MODULE_NOT_FOUND";
  const message = isAbsent
    ? "Node has no WebGPU of its own, and the package webgpu is not installed"
    : "the package webgpu cannot be loaded";
  return new UnsupportedError("GPU_NO_BINDING", message, {
    notes: isAbsent ? [] : [reasonOf(cause)],
    hint: `npm install webgpu@${bindingVersion} (on Linux it needs glibc 2.34 and libstdc++ 12, or newer); or ${elsewhere}`,
    cause,
  });
}

export function noAdapter(isPage: boolean): UnsupportedError {
  return new UnsupportedError("GPU_NO_ADAPTER", "WebGPU found no adapter on this machine", {
    hint: isPage
      ? `switch on hardware acceleration in the browser (headless Chromium: --enable-unsafe-webgpu); or ${elsewhere}`
      : `on Linux, install a Vulkan driver; a software one comes with Chromium: set VK_ICD_FILENAMES to its vk_swiftshader_icd.json and install libvulkan1; or ${elsewhere}`,
  });
}

/** There is one, and it gives no device. */
export function noDevice(adapter: string, reason: string): UnsupportedError {
  return new UnsupportedError("GPU_NO_ADAPTER", `the adapter ${adapter} gives no device`, {
    notes: [reason],
    hint: `close what else uses the GPU, or restart the browser; or ${elsewhere}`,
  });
}

/** `what` came, `most` is what the adapter has. */
export function tooLarge(what: string, bytes: number, most: number): UnsupportedError {
  const mib = (n: number): string => `${Math.ceil(n / 1048576)} MiB`;
  return new UnsupportedError(
    "GPU_LIMIT",
    `${what} takes ${mib(bytes)}; this adapter allows ${mib(most)}`,
    {
      hint: `use a smaller batch, shorter sequences, or a memory budget of the scan; or ${elsewhere}`,
    },
  );
}

export function lost(reason: string): UnsupportedError {
  return new UnsupportedError("GPU_LOST", `the GPU was lost: ${reason}`, {
    notes: ["variables have the values that were last written to them or read from them"],
    hint: "await gpu.reopen(), and go on with the same functions",
  });
}

/** Where memory runs out, WebGPU goes on with buffers that are none: what lay in them is gone. */
export function outOfMemory(): UnsupportedError {
  return new UnsupportedError("GPU_LOST", "the GPU was lost: it has no memory left", {
    notes: ["variables have the values that were last written to them or read from them"],
    hint: "await gpu.reopen(), and use a smaller batch, shorter sequences, or a memory budget of the scan",
  });
}

export function closed(): UnsupportedError {
  return new UnsupportedError("GPU_CLOSED", "the GPU was closed", {
    hint: "close() it after the last call; await gpu.reopen() opens it again",
  });
}

/** A message of the driver or the browser about what we asked of it. */
export function refused(what: string, message: string): UnsupportedError {
  return new UnsupportedError("GPU_REFUSED", `${what}: the GPU refused it`, {
    notes: message.split("\n").slice(0, 6),
    hint: `this is a fault of @scan-train/gpu or of the driver: please report it; meanwhile ${elsewhere}`,
  });
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
