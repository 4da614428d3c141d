/** Where the time of a training step goes, by kernel. */
import { inFreshProcess } from "./fresh-process.ts";
import { workloadNames, type WorkloadName } from "./peer-task.ts";

/** A kernel's share of a step. */
export interface KernelTime {
  readonly name: string;
  /** Per step. */
  readonly milliseconds: number;
  readonly calls: number;
}

export interface BudgetResult {
  readonly workload: WorkloadName;
  /** Milliseconds of a step, mean, with the clocks that the kernels look at. */
  readonly step: number;
  /** The longest first. */
  readonly kernels: readonly KernelTime[];
}

export function measureBudget(): readonly BudgetResult[] {
  return workloadNames.map((name) => inFreshProcess<BudgetResult>("budget", [name]));
}
