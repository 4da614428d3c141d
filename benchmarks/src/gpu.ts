/** The GPU: what encoding costs the thread that calls, and steps beside WebAssembly where the adapter is a real one. */
import type { Effort } from "./arguments.ts";
import { minimumFigure, ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import type { Summary } from "./statistics.ts";

export interface EncodeResult {
  readonly counters: "immediates" | "uniforms";
  readonly dispatches: number;
  readonly milliseconds: Summary;
}

export interface GpuStep {
  readonly workload: string;
  readonly gigaflop: number;
  readonly gpu: Summary;
  readonly wasm: Summary;
}

export interface GpuResult {
  /** Undefined where there is none: then the reason. */
  readonly adapter: string | undefined;
  readonly reason: string;
  readonly isSoftware: boolean;
  readonly encode: readonly EncodeResult[];
  readonly steps: readonly GpuStep[];
}

export const measureGpu = (effort: Effort): GpuResult => inFreshProcess<GpuResult>("gpu", [effort]);

export function gpuFigures({ encode, steps }: GpuResult): readonly Figure[] {
  return [
    ...encode.map(({ counters, milliseconds }) =>
      minimumFigure({ part: "gpu", name: `encoding, ${counters}` }, milliseconds),
    ),
    ...steps.map(({ workload, gpu, wasm }) =>
      ratioOfTurns({ part: "gpu", name: `${workload}: wasm / GPU` }, wasm, gpu),
    ),
  ];
}
