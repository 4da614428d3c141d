/** S1 to S5: our step beside those of other libraries, each workload in a process of its own. */
import type { Effort } from "./arguments.ts";
import { minimumFigure, ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import type { WorkloadName } from "./peer-task.ts";
import { together, type Summary } from "./statistics.ts";
import type { StepResult } from "./step-result.ts";

export function measureStep(name: WorkloadName, effort: Effort): StepResult {
  return inFreshProcess<StepResult>("step", [name, effort]);
}

/** The same workload measured twice, as one; first steps and losses are those of the first time. */
export function withLater(first: StepResult, later: StepResult | undefined): StepResult {
  const summaries = (i: number): readonly Summary[] =>
    [first, later].flatMap((result) => result?.contestants[i]?.summary ?? []);
  return {
    ...first,
    contestants: first.contestants.map((contestant, i) =>
      contestant.summary === undefined
        ? contestant
        : { ...contestant, summary: together(summaries(i)) },
    ),
  };
}

/** Our time, and how many times as long the others take. */
export function stepFigures({ workload, contestants }: StepResult): readonly Figure[] {
  const [own, ...others] = contestants;
  const summary = own?.summary;
  if (summary === undefined) return [];
  return [
    minimumFigure({ part: workload, name: "scan-train" }, summary),
    ...others.flatMap(({ name, summary: other }) =>
      other === undefined
        ? []
        : [ratioOfTurns({ part: workload, name: `${name} / scan-train` }, other, summary)],
    ),
  ];
}
