/** What RESULTS.md says of what a scan costs. */
import {
  compileTime,
  furtherStep,
  loopSteps,
  scanSizes,
  toUsual,
  type LengthResult,
  type LoopResult,
  type ScanCompileResult,
  type ScanResult,
} from "./scan-cost.ts";
import { bandText, figure, table, times } from "./table.ts";

export function scanSection({ lengths, compile, loops }: ScanResult): readonly string[] {
  return [
    "## What a scan costs",
    "",
    "h = tanh(x Wx + h Wh) over x of 8 numbers a step. *small* has 50 units and one sequence, *large* 128 units and 32 sequences.",
    "*Forward* gives the last state, *gradient* the gradients of the mean square of all states by both matrices. One compiled function",
    "serves all lengths, in turns, in one process for each row of sizes; *of 1000* compares a step with one of a loop of 1000,",
    "*a further* is what each step costs beyond those of the row above: what a call does once, such as giving out results, is not in it.",
    "",
    ...lengthTable(lengths),
    "",
    "Compiling a training step of it (128 units), medians of fresh processes; a scan is one loop whatever its length.",
    "",
    ...compileTable(compile),
    "",
    `One sequence of ${loopSteps} steps forward, as a scan, and as loops in JavaScript around the compiled step: the state passed in and`,
    "out of each call, or kept in a shared variable. Measured in turns; *x as long* compares minima.",
    "",
    ...loopTable(loops),
  ];
}

function lengthTable(results: readonly LengthResult[]): readonly string[] {
  return table(
    ["size", "what", "steps", "min of a call", "µs a step", "of 1000", "µs a further"],
    results.flatMap((result) =>
      result.calls.map(({ T, summary: { min } }, i) => [
        i === 0 ? `${scanSizes[result.size].H} units, batch ${scanSizes[result.size].B}` : "",
        i === 0 ? result.what : "",
        String(T),
        figure(min),
        figure((1000 * min) / T),
        times(toUsual(result, T)),
        i === 0 ? "" : figure(1000 * furtherStep(result, i)),
      ]),
    ),
    2,
  );
}

function compileTable(results: readonly ScanCompileResult[]): readonly string[] {
  return table(
    ["sizes in the graph", "compile", "noise band", "bytes of the module"],
    results.map((result) => {
      const { median, band } = compileTime(result);
      return [result.sizes, figure(median), bandText(band), String(result.bytes)];
    }),
  );
}

function loopTable(results: readonly LoopResult[]): readonly string[] {
  return table(
    ["units", "way", "min", "median", "noise band", "µs a step", "x as long"],
    results.flatMap(({ H, ways }) =>
      ways.map(({ name, summary: { min, median, band } }, i) => [
        i === 0 ? String(H) : "",
        name,
        figure(min),
        figure(median),
        bandText(band),
        figure((1000 * min) / loopSteps),
        i === 0 ? "" : times(min / (ways[0]?.summary.min ?? NaN)),
      ]),
    ),
    2,
  );
}
