/** How long large graphs take to compile, and when the compiled function reaches its speed. */
import type { Effort } from "./arguments.ts";
import { medianFigure, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";

/** A chain of elementwise operations, or small layers with gradients and updates. */
export type GraphKind = "chain" | "layers";

/** Of one process, in milliseconds. */
export interface GraphSample {
  /** Applications of the graph as it was written, gradients included, before any pass. */
  readonly applications: number;
  readonly build: number;
  readonly compile: number;
  readonly firstCall: number;
  /** From the first call on, see {@link timeToPeak}. */
  readonly toPeak: number;
  /** The best call. */
  readonly peak: number;
}

export interface GraphResult {
  readonly kind: GraphKind;
  /** Operations of the chain, or layers. */
  readonly count: number;
  readonly samples: readonly GraphSample[];
}

/** The layers make graphs of some 100, 1,000 and 10,000 applications, too. */
const cases = [
  { kind: "chain", count: 100 },
  { kind: "chain", count: 1000 },
  { kind: "chain", count: 10_000 },
  { kind: "layers", count: 6 },
  { kind: "layers", count: 60 },
  { kind: "layers", count: 600 },
] as const;

export function measureGraphs(effort: Effort): readonly GraphResult[] {
  const results = cases.map(({ kind, count }) => ({ kind, count, samples: [] as GraphSample[] }));
  for (let round = 0; round < (effort === "quick" ? 1 : 3); round++)
    for (const { kind, count, samples } of results)
      samples.push(inFreshProcess<GraphSample>("graph-size", [kind, String(count)]));
  return results;
}

/**
 * When calls have reached their speed: the sum of the durations before the first three in a row that are within a quarter of the
 * best one.
 */
export function timeToPeak(durations: readonly number[]): number {
  const enough = 1.25 * durations.reduce((a, b) => Math.min(a, b), Infinity);
  let [total, row] = [0, 0];
  for (const [i, duration] of durations.entries()) {
    row = duration <= enough ? row + 1 : 0;
    if (row === 3) return total - (durations[i - 1] ?? 0) - (durations[i - 2] ?? 0);
    total += duration;
  }
  return total;
}

/** Compile times, and how they grow with the graph: by node of ten times as many. */
export function graphFigures(results: readonly GraphResult[]): readonly Figure[] {
  return results.flatMap((result, at) => {
    const { kind, count, samples } = result;
    const compile = samples.map((sample) => sample.compile);
    const name = `${kind}, ${count}: compile`;
    const time = medianFigure({ part: "graph", name, unit: "ms", kind: "absolute" }, compile);
    const smaller = results[at - 1];
    if (smaller?.kind !== kind) return [time];
    const growth = samples.map((sample, i) => perNode(sample) / perNode(smaller.samples[i]));
    const what = `${kind}: compile per node, ${count} / ${smaller.count}`;
    return [time, medianFigure({ part: "graph", name: what, unit: "x", kind: "ratio" }, growth)];
  });
}

const perNode = (sample: GraphSample | undefined): number =>
  sample === undefined ? NaN : sample.compile / sample.applications;
