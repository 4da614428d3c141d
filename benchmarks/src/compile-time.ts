/** How long `compile()` takes from cold. */
import { medianFigure, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { bandOf, median, type Band } from "./statistics.ts";

/** Milliseconds in one process. */
export interface CompileSample {
  /** Building the graph: model, gradient, clipping, Adam. */
  readonly build: number;
  /** From `compile()` to the resolved promise. */
  readonly compile: number;
  /** The first call. */
  readonly firstStep: number;
}

export interface CompileResult {
  readonly sizes: string;
  /** Medians. */
  readonly build: number;
  readonly compile: number;
  readonly firstStep: number;
  /** Of `compile`, over the processes. */
  readonly band: Band;
  /** `compile` in each process, in turns with the other cases. */
  readonly samples: readonly number[];
}

const cases = [
  { sizes: "run-time T and B", args: [] },
  { sizes: "T 16, B 8", args: ["16", "8"] },
  { sizes: "T 256, B 64", args: ["256", "64"] },
] as const;

/** @param processes fresh ones for each case, in turns */
export function measureCompileTime(processes: number): readonly CompileResult[] {
  const samples = cases.map((): CompileSample[] => []);
  for (let i = 0; i < processes; i++)
    for (const [at, { args }] of cases.entries())
      samples[at]?.push(inFreshProcess<CompileSample>("compile", args));
  return cases.map(({ sizes }, at) => {
    const own = samples[at] ?? [];
    const compile = own.map((sample) => sample.compile);
    return {
      sizes,
      build: median(own.map((sample) => sample.build)),
      compile: median(compile),
      firstStep: median(own.map((sample) => sample.firstStep)),
      band: bandOf(compile),
      samples: compile,
    };
  });
}

/** Each case, and the others beside the first. */
export function compileFigures(results: readonly CompileResult[]): readonly Figure[] {
  const first = results[0]?.samples ?? [];
  return results.flatMap(({ sizes, samples }, at) => {
    const named = { part: "compile", name: `compile, ${sizes}`, unit: "ms" } as const;
    const time = medianFigure({ ...named, kind: "absolute" }, samples);
    if (at === 0) return [time];
    const ratios = samples.map((sample, i) => sample / (first[i] ?? NaN));
    const name = `compile, ${sizes} / run-time sizes`;
    return [time, medianFigure({ part: "compile", name, unit: "x", kind: "ratio" }, ratios)];
  });
}
