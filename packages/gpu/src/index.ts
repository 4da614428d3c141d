/** WebGPU for scan-train: its loop programs as compute shaders, and a backend that runs them. */
export { openGpu, type GpuBackend, type GpuOptions } from "./open-gpu.ts";
export { openBackend, type ChosenBackend } from "./open-backend.ts";
export { gpuRefusals, type Refusal } from "./refusals.ts";
export { renderWgsl } from "./render-wgsl.ts";
export { defaultTraits, type KernelTraits } from "./kernel-traits.ts";
export {
  workgroupCounts,
  type WgslBinding,
  type WgslKernel,
  type WgslUniforms,
} from "./wgsl-kernel.ts";
