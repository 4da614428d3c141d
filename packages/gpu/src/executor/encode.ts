/** Writes the dispatches of a call into a pass. */
import type { ReadyKernel } from "../device/session.ts";
import type { CallLayout } from "./layout.ts";

/** `immediates` in browsers and bindings that have them; types do not know it yet. */
interface ImmediatesPass {
  setImmediates(offset: number, data: Int32Array, dataOffset: number, size: number): void;
}

export function encodeSteps(
  pass: GPUComputePassEncoder,
  kernels: readonly ReadyKernel[],
  layout: CallLayout,
  which: "run" | "commit",
): void {
  const { buffers, uniforms, run } = layout;
  const { count, kernel, params, x, y, values, stride } = layout[which];
  // In the uniform the params of `commit` lie behind those of `run`.
  const first = which === "commit" ? 4 * run.values.length : 0;
  const offset = new Uint32Array(1);
  const withImmediates = pass as GPUComputePassEncoder & ImmediatesPass;
  let last = -1;
  for (let i = 0; i < count; i++) {
    const number = kernel[i] ?? 0;
    const ready = kernels[number];
    if (ready === undefined) continue;
    const group = uniforms[number];
    const fields = ready.kernel.uniforms.params;
    if (number !== last) {
      pass.setPipeline(ready.pipeline);
      pass.setBindGroup(0, buffers[number]);
      if (group !== undefined && (fields.length === 0 || ready.kernel.immediates))
        pass.setBindGroup(1, group);
      last = number;
    }
    if (fields.length > 0) {
      const at = (params[i] ?? 0) * stride;
      if (ready.kernel.immediates) withImmediates.setImmediates(0, values, at, fields.length);
      else {
        offset[0] = first + 4 * at;
        pass.setBindGroup(1, group ?? null, offset, 0, 1);
      }
    }
    pass.dispatchWorkgroups(x[i] ?? 1, y[i] ?? 1);
  }
}
