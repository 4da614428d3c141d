/** What RESULTS.md says of loops and what stands in for them. */
import { recurrenceSteps, type RecurrenceResult } from "./recurrence.ts";
import { bandText, figure, table, times } from "./table.ts";

export function recurrenceSection(results: readonly RecurrenceResult[]): readonly string[] {
  return [
    "## Loops, and what stands in for them",
    "",
    `h[t] = a[t] h[t-1] + x[t] over ${recurrenceSteps} steps, float32, one state, arrays in. The loop is \`scan\`; *associative* is`,
    '`associativeScan` under `numerics: "fast"`, each with its sum, with all of h as a result, and with the gradient of the sum of its',
    "squares by a and x. *expression* is tanh(x) * 0.5 + x without scan, and *steps* a scan without recurrence that says the same row by row.",
    "Measured in turns in one process; ratios are of minima.",
    "",
    ...table(
      ["what", "way", "min", "median", "noise band", "ratio"],
      results.flatMap(({ what, ways }) =>
        ways.map(({ name, summary: { min, median, band } }, i) => [
          i === 0 ? what : "",
          name,
          figure(min),
          figure(median),
          bandText(band),
          i === 0 ? "" : times((ways[0]?.summary.min ?? NaN) / min),
        ]),
      ),
      2,
    ),
  ];
}
