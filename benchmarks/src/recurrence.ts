/** Loops beside what stands in for them: associative recurrences, and scans without recurrence. */
import type { Effort } from "./arguments.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { ratioOfTurns, type Figure } from "./figure.ts";
import type { Summary } from "./statistics.ts";

export const recurrenceSteps = 100_000;

/** Two ways to the same numbers, the loop first. */
export interface RecurrenceResult {
  readonly what: string;
  readonly ways: readonly { readonly name: string; readonly summary: Summary }[];
}

export function measureRecurrence(effort: Effort): readonly RecurrenceResult[] {
  return inFreshProcess<readonly RecurrenceResult[]>("recurrence", [effort]);
}

export function recurrenceFigures(results: readonly RecurrenceResult[]): readonly Figure[] {
  return results.flatMap(({ what, ways: [loop, ...others] }) =>
    loop === undefined
      ? []
      : others.map(({ name, summary }) =>
          ratioOfTurns(
            { part: "recurrence", name: `${what}: ${loop.name} / ${name}` },
            loop.summary,
            summary,
          ),
        ),
  );
}
