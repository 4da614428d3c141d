/** One workload's training step, kernel by kernel. Argument: the name. */
import { compile } from "@scan-train/core";
import type { BudgetResult, KernelTime } from "../budget.ts";
import { report } from "../fresh-process.ts";
import { isWorkloadName, type WorkloadName } from "../peer-task.ts";
import { warmUp } from "../turns.ts";
import { workloads } from "../workloads.ts";

async function measure(name: WorkloadName): Promise<BudgetResult> {
  const { inputs, values, cost, updates } = workloads[name]();
  const train = await compile({ inputs, outputs: { cost }, updates, name, profile: true });
  const step = (): number => train(values).cost.item();
  warmUp(step, 1000);
  const before = new Map(train.profile().kernels.map((kernel) => [kernel.name, kernel]));
  const start = performance.now();
  let steps = 0;
  for (; steps < 5 || performance.now() - start < 1500; steps++) step();
  const time = performance.now() - start;
  const kernels = train.profile().kernels.map((kernel): KernelTime => {
    const { milliseconds = 0, count = 0 } = before.get(kernel.name) ?? {};
    return {
      name: kernel.name,
      milliseconds: (kernel.milliseconds - milliseconds) / steps,
      calls: (kernel.count - count) / steps,
    };
  });
  kernels.sort((a, b) => b.milliseconds - a.milliseconds);
  return { workload: name, step: time / steps, kernels };
}

const [name = ""] = process.argv.slice(2);
if (!isWorkloadName(name)) throw new Error(`there is no workload "${name}"`);
report(await measure(name));
