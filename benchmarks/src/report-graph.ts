/** What RESULTS.md says of large graphs. */
import type { GraphResult, GraphSample } from "./graph-size.ts";
import { bandOf, median } from "./statistics.ts";
import { bandText, figure, table } from "./table.ts";

export function graphSection(results: readonly GraphResult[]): readonly string[] {
  return [
    "## Large graphs",
    "",
    "*chain*: elementwise operations of ten kinds, one after the other, on 1000 numbers. *layers*: residual layers of 16 units one after",
    "the other, with all gradients and updates, batch of 8. *nodes* are applications as written, before any pass. *To peak* is the time of",
    "the calls before three in a row are within a quarter of the best: the engine compiles again what runs often. Medians of fresh processes.",
    "",
    ...table(
      ["graph", "nodes", "built in", "compile", "noise band", "first call", "to peak", "best call"],
      results.map(({ kind, count, samples }) => {
        const of = (pick: (sample: GraphSample) => number): number => median(samples.map(pick));
        return [
          `${kind}, ${count}`,
          String(of(({ applications }) => applications)),
          figure(of(({ build }) => build)),
          figure(of(({ compile }) => compile)),
          bandText(bandOf(samples.map(({ compile }) => compile))),
          figure(of(({ firstCall }) => firstCall)),
          figure(of(({ toPeak }) => toPeak)),
          figure(of(({ peak }) => peak)),
        ];
      }),
    ),
  ];
}
