/** The compiled step of a workload, without a trainer. */
import { compile } from "@scan-train/core";
import { minimum } from "./statistics.ts";
import { workloads } from "./workloads.ts";

/** Compiles a workload. What it gives does one step. */
export async function plainStep(name: keyof typeof workloads): Promise<() => void> {
  const { inputs, values, cost, updates } = workloads[name]();
  const train = await compile({ inputs, outputs: { cost }, updates });
  return () => {
    train(values).cost.item();
  };
}

/** What is timed at a stretch, in steps. */
export interface Stretches {
  /** Done in all. */
  readonly steps: number;
  /** Of these so many in a row, the fastest of which count. */
  readonly window: number;
}

/** Milliseconds of a step, the mean of the fastest stretch. */
export function timeSteps(step: () => void, { steps, window }: Stretches): number {
  const ends = [performance.now()];
  for (let i = 0; i < steps; i++) {
    step();
    ends.push(performance.now());
  }
  const stretches = ends.slice(window).map((end, i) => (end - (ends[i] ?? NaN)) / window);
  return minimum(stretches);
}
