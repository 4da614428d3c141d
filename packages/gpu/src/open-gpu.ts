/** The GPU as a backend of `compile`. */
import type { DeviceBackend } from "@scan-train/core/backend-kit";
import { ArgumentError, unknownOption } from "@scan-train/core/backend-kit";
import { findAdapter } from "./device/find-adapter.ts";
import { GpuSession } from "./device/session.ts";
import { GpuDevice } from "./gpu-device.ts";

export interface GpuOptions {
  /** Which of several GPUs. Default: "high-performance". */
  readonly powerPreference?: "high-performance" | "low-power";
  /**
   * barriers: workgroups share memory, which real GPUs are quick at; plain: each invocation by itself, which suits software. Default: auto,
   * by the adapter.
   */
  readonly kernels?: "auto" | "barriers" | "plain";
  /** Loop counters as immediates where the language has them (auto, default), or never. */
  readonly immediates?: "auto" | "never";
}

/** A GPU: give it to `compile` as `backend`. */
export interface GpuBackend extends DeviceBackend {
  readonly name: "webgpu";
  /** The adapter, e.g. "nvidia ampere". */
  readonly adapter: string;
  /** True where a processor plays the GPU: WebAssembly is faster there. */
  readonly isSoftware: boolean;
  /** True once the device was lost or closed; calls reject until it is opened again. */
  readonly isLost: boolean;
  /** Opens a lost device again: compiled functions go on, variables have the values that were last written or read. */
  reopen(): Promise<void>;
  close(): void;
}

const known: Readonly<Record<keyof GpuOptions, readonly string[]>> = {
  powerPreference: ["high-performance", "low-power"],
  kernels: ["auto", "barriers", "plain"],
  immediates: ["auto", "never"],
};

/** @throws ArgumentError GPU_OPTION */
function checkOptions(options: Readonly<Record<string, unknown>>): void {
  const unknown = unknownOption(options, Object.keys(known));
  if (unknown !== undefined)
    throw new ArgumentError("GPU_OPTION", `openGpu ${unknown.problem}`, unknown);
  for (const [name, values] of Object.entries(known)) {
    const value = options[name];
    if (value === undefined || values.some((choice) => choice === value)) continue;
    throw new ArgumentError("GPU_OPTION", `openGpu: ${name} is ${JSON.stringify(value)}`, {
      hint: `it is one of ${values.map((choice) => JSON.stringify(choice)).join(", ")}`,
    });
  }
}

/**
 * A backend for `compile` whose calls run on a GPU and return promises; shared variables live there.
 * @example
 * const gpu = await openGpu();
 * const step = await compile({ inputs: { x }, outputs: { loss }, updates, backend: gpu });
 * const { loss } = await step({ x: batch });
 * const weights = await W.read();
 * @throws UnsupportedError GPU_NO_API, GPU_NO_BINDING, GPU_NO_ADAPTER; ArgumentError GPU_OPTION
 */
export async function openGpu(options: GpuOptions = {}): Promise<GpuBackend> {
  checkOptions({ ...options });
  const { powerPreference = "high-performance", kernels = "auto", immediates = "auto" } = options;
  let found = await findAdapter(powerPreference);
  const open = async (): Promise<GpuSession> => {
    found = await findAdapter(powerPreference);
    return GpuSession.open(found, { kernels, immediates });
  };
  const device = new GpuDevice(await GpuSession.open(found, { kernels, immediates }), open);
  return {
    name: "webgpu",
    calls: "async",
    device,
    get adapter() {
      return found.name;
    },
    get isSoftware() {
      return found.isSoftware;
    },
    get isLost() {
      return device.isOver;
    },
    reopen: () => device.reopen(),
    close: () => device.close(),
  };
}
