/** scan-train's loop programs as WebGPU compute shaders. */
export { openGpu } from "./open-gpu.ts";
export { renderWgsl } from "./render-wgsl.ts";
export {
  workgroupCounts,
  type WgslBinding,
  type WgslKernel,
  type WgslUniforms,
} from "./wgsl-kernel.ts";
