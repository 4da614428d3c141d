/** What RESULTS.md says of matrix products. */
import { gigaflopsPerSecond, shapeText, type GemmResult } from "./gemm.ts";
import { figure, table } from "./table.ts";

export function gemmSection(results: readonly GemmResult[]): readonly string[] {
  const names = results[0]?.ways.map(({ name }) => name) ?? [];
  return [
    "## Matrix products",
    "",
    "GFLOP/s of the best call, float32, one thread, measured in turns in one process for each shape, m x k x n. A call of ours copies its",
    "inputs in and its result out, which small shapes show; the peers' arrays are there already, and they hand out the result. *W shared* is the product with",
    "a shared variable, *both given* that of two inputs. `scan` runs the same kernels without a call for each.",
    "",
    ...table(
      ["m x k x n", ...names],
      results.map(({ shape, ways }) => [
        shapeText(shape),
        ...ways.map(({ summary }) => figure(gigaflopsPerSecond(shape, summary))),
      ]),
    ),
  ];
}
