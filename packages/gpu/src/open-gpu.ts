/** The device, once there is one. */
import { UnsupportedError, type Backend } from "@scan-train/core/backend-kit";

/**
 * A backend for `compile` whose calls run on a GPU and return promises. No device is opened yet.
 * @throws UnsupportedError GPU_DEVICE
 */
export function openGpu(): Promise<Backend<"async">> {
  return Promise.reject(
    new UnsupportedError("GPU_DEVICE", "running on a GPU is not supported yet", {
      hint: "leave backend out: compile for WebAssembly; renderWgsl() shows the shaders",
    }),
  );
}
