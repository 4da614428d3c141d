/** What RESULTS.md says of compiling. */
import type { CompileResult } from "./compile-time.ts";
import { bandText, figure, table } from "./table.ts";

export function compileSection(results: readonly CompileResult[]): readonly string[] {
  return [
    "## Compiling",
    "",
    "A 2-layer LSTM language model (64 tokens, 128 units) with gradient, clipping by global norm and Adam. *compile* is the time from",
    "`compile()` to the resolved promise, *graph* what building the graph takes before it, *first step* the first call. Medians",
    "of fresh processes. With run-time T and B the one module serves batches of every size.",
    "",
    ...table(
      ["sizes in the graph", "graph", "compile", "noise band", "first step"],
      results.map(({ sizes, build, compile, band, firstStep }) => [
        sizes,
        figure(build),
        figure(compile),
        bandText(band),
        figure(firstStep),
      ]),
    ),
  ];
}
