/** What RESULTS.md says of cells that users write. */
import { cellSizes, perFlop, type CellResult } from "./cells.ts";
import { bandText, figure, table, times } from "./table.ts";

export function cellsSection(results: readonly CellResult[]): readonly string[] {
  const { inputSize, hiddenSize, T, B } = cellSizes;
  const [first] = results;
  if (first === undefined) return [];
  return [
    "## Cells that users write",
    "",
    `Training steps over ${T} steps of batches of ${B}, ${inputSize} inputs, ${hiddenSize} units, mean squared error of h against given numbers. The first is`,
    "`nn.lstm`; the others are written in the benchmark as steps of `scan`, from the papers' equations: the compiler knows none of them.",
    "Flops are those of the products, 2 T B G H (2 I + 3 H) with G gates (4; of the minimal GRU 2); work by element is not counted,",
    "and layer normalisation has the most of it. *Per flop* compares minima; measured in turns in one process.",
    "",
    ...table(
      ["cell", "GFLOP", "min", "median", "noise band", "GFLOP/s", "per flop"],
      results.map((result, i) => {
        const { name, gigaflop, summary } = result;
        return [
          name,
          figure(gigaflop),
          figure(summary.min),
          figure(summary.median),
          bandText(summary.band),
          figure((1000 * gigaflop) / summary.min),
          i === 0 ? "" : times(perFlop(result, first)),
        ];
      }),
    ),
  ];
}
