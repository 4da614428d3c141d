/** What compile compiles for. The backend decides whether calls are synchronous. */
import type { Device } from "../runtime/device.ts";

export interface Backend<M extends "sync" | "async" = "sync" | "async"> {
  readonly name: string;
  readonly calls: M;
}

/** WebAssembly with SIMD, the default: calls are synchronous. */
export const wasm: Backend<"sync"> = { name: "wasm", calls: "sync" };

/** The same, with calls that return promises: for code that runs on either. */
export const asyncWasm: Backend<"async"> = { name: "wasm", calls: "async" };

/** A backend with memory of its own: calls return promises, and shared variables live there. */
export interface DeviceBackend extends Backend<"async"> {
  readonly device: Device;
  /** True once the device is gone; calls reject until it is opened again. */
  readonly isLost: boolean;
}

export function isDeviceBackend(backend: Backend | undefined): backend is DeviceBackend {
  return typeof backend === "object" && backend.calls === "async" && "device" in backend;
}
