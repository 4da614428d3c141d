/** What RESULTS.md says of where the time goes. */
import type { BudgetResult } from "./budget.ts";
import { figure, percent, table } from "./table.ts";

/** Kernels that take less are summed up. */
const leastShare = 0.01;

export function budgetSection(results: readonly BudgetResult[]): readonly string[] {
  return [
    "## Where the time goes",
    "",
    "Training steps of S1 to S5 by kernel, as `compile({ profile: true })` tells it: products as *left @ right*, kernels over elements by the",
    "names of their results, behind the loop that they run in. Means per step; looking at the clock is included, which S1 feels.",
    "",
    ...table(
      ["", "kernel", "calls", "ms", "share"],
      results.flatMap((result) => rowsOf(result)),
      2,
    ),
  ];
}

function rowsOf({ workload, step, kernels }: BudgetResult): string[][] {
  const shown = kernels.filter(({ milliseconds }) => milliseconds >= leastShare * step);
  const told = shown.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rest = step - told;
  return [
    ...shown.map(({ name, calls, milliseconds }, i) => [
      i === 0 ? workload : "",
      name,
      calls.toFixed(0),
      figure(milliseconds),
      percent(milliseconds / step),
    ]),
    ["", "all else", "", figure(rest), percent(rest / step)],
  ];
}
