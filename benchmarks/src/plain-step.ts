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
