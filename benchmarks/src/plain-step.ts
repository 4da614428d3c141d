/** The compiled step of a workload, without a trainer. */
import { compile } from "@scan-train/core";
import { workloads } from "./workloads.ts";

/** Compiles a workload. What it gives does one step. */
export async function plainStep(name: keyof typeof workloads): Promise<() => void> {
  const { inputs, values, cost, updates } = workloads[name]();
  const train = await compile({ inputs, outputs: { cost }, updates });
  return () => {
    train(values).cost.item();
  };
}

/** Milliseconds of a step, the mean of `steps` but the first. */
export function timeSteps(step: () => void, steps: number): number {
  step();
  const began = performance.now();
  for (let i = 1; i < steps; i++) step();
  return (performance.now() - began) / (steps - 1);
}
