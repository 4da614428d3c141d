/** What a training step holds: in the store while it runs, and on the JavaScript heap after each call. */
import { exactFigure, figureOf, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { workloadNames, type WorkloadName } from "./peer-task.ts";
import { lowerQuartile } from "./statistics.ts";

/** Bytes. */
export interface MemoryResult {
  readonly workload: WorkloadName;
  /** Temporaries and outputs: what `memory()` of the function calls its peak. */
  readonly peak: number;
  readonly inputs: number;
  readonly shared: number;
  /** The states of all steps, [T, B, H] each: what the way back needs at least where nothing is computed twice. */
  readonly states: number;
  /** Left on the JavaScript heap by a call, until it is collected, in each of some runs of calls. */
  readonly heap: readonly number[];
  /** Array buffers outside that heap that a call leaves, likewise: its results. */
  readonly buffers: readonly number[];
}

export function measureMemory(): readonly MemoryResult[] {
  return workloadNames.map((name) => inFreshProcess<MemoryResult>("memory", [name]));
}

export function memoryFigures(results: readonly MemoryResult[]): readonly Figure[] {
  return results.flatMap(({ workload, peak, heap }) => {
    const named = { part: "memory", name: `${workload}: peak`, unit: "bytes" } as const;
    const left = { part: "memory", name: `${workload}: heap per call`, unit: "bytes" } as const;
    return [
      exactFigure({ ...named, kind: "absolute" }, peak),
      figureOf({ ...left, kind: "absolute" }, lowerQuartile(heap), [lowerQuartile(heap)]),
    ];
  });
}
