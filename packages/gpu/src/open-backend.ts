/** Chooses what to run on. */
import {
  ArgumentError,
  asyncWasm,
  UnsupportedError,
  warn,
  type Backend,
} from "@scan-train/core/backend-kit";
import { openGpu, type GpuBackend, type GpuOptions } from "./open-gpu.ts";

/** What was chosen, and why. */
export interface ChosenBackend {
  /** For `compile`: calls return promises in any case. */
  readonly backend: Backend<"async">;
  /** The GPU, where that was chosen; to be closed in the end. */
  readonly gpu: GpuBackend | undefined;
  readonly reason: string;
}

/**
 * `webgpu` is the GPU or an error, `wasm` this machine's processor; `auto` is the GPU where there is a real one, else WebAssembly, and says
 * why (see `onWarning`) when it is the latter.
 * @example
 * const { backend, reason } = await openBackend("auto");
 * const step = await compile({ inputs: { x }, outputs: { y }, backend });
 * @throws UnsupportedError GPU_NO_API, GPU_NO_BINDING, GPU_NO_ADAPTER; ArgumentError BACKEND_CHOICE, GPU_OPTION
 */
export async function openBackend(
  choice: "webgpu" | "wasm" | "auto",
  options: GpuOptions = {},
): Promise<ChosenBackend> {
  if (choice === "wasm") return onWasm("WebAssembly was asked for");
  if (choice === "webgpu") return onGpu(await openGpu(options));
  const given: unknown = choice;
  if (given !== "auto")
    throw new ArgumentError(
      "BACKEND_CHOICE",
      `openBackend: there is no backend ${JSON.stringify(given)}`,
      {
        hint: 'it is one of "webgpu", "wasm", "auto"',
      },
    );
  const gpu = await openGpu(options).catch((error: unknown) => {
    if (error instanceof UnsupportedError) return reasonIn(error);
    throw error;
  });
  if (typeof gpu === "string") return fallBack(gpu);
  if (!gpu.isSoftware) return onGpu(gpu);
  const { adapter } = gpu;
  gpu.close();
  return fallBack(`the only adapter is ${adapter}, and WebAssembly is faster than that`);
}

const onGpu = (gpu: GpuBackend): ChosenBackend => ({
  backend: gpu,
  gpu,
  reason: `WebGPU on ${gpu.adapter}`,
});
const onWasm = (reason: string): ChosenBackend => ({ backend: asyncWasm, gpu: undefined, reason });

let told = "";

/** Says why once. */
function fallBack(why: string): ChosenBackend {
  const reason = `WebAssembly: ${why}`;
  if (told !== reason) warn({ code: "BACKEND_AUTO", message: `backend auto takes ${reason}` });
  told = reason;
  return onWasm(reason);
}

/** The message of an error without its code and its remedy. */
function reasonIn(error: UnsupportedError): string {
  const [first = ""] = error.message.split("\n");
  return first.replace(/^[A-Z_]+: /, "");
}
