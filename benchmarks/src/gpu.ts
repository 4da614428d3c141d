/** The GPU: what encoding costs the thread that calls, and steps beside WebAssembly where the adapter is a real one. */
import { roundsOf, type Effort } from "./arguments.ts";
import { minimumFigure, ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { together, type Summary } from "./statistics.ts";

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

export function measureGpu(effort: Effort): GpuResult {
  const rounds = Array.from({ length: roundsOf(effort, 3) }, () =>
    inFreshProcess<GpuResult>("gpu", [effort]),
  );
  return allOf(rounds);
}

/** What several processes found, as one. @throws RangeError of none */
export function allOf(all: readonly GpuResult[]): GpuResult {
  const [first] = all;
  if (first === undefined) throw new RangeError("the GPU was never asked for");
  const summary = (pick: (result: GpuResult) => Summary | undefined): Summary =>
    together(all.flatMap((result) => pick(result) ?? []));
  return {
    ...first,
    encode: first.encode.map((one, i) => ({
      ...one,
      milliseconds: summary(({ encode }) => encode[i]?.milliseconds),
    })),
    steps: first.steps.map((one, i) => ({
      ...one,
      gpu: summary(({ steps }) => steps[i]?.gpu),
      wasm: summary(({ steps }) => steps[i]?.wasm),
    })),
  };
}

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
