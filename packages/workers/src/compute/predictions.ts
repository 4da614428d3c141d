/** From a shard's padded outputs to rows: the way back from `gather`. */
import type { Column, DatasetParts } from "../data/dataset.ts";
import type { ColumnArray } from "../data/row-values.ts";
import type { BoundProgram, Sizes, Workbench } from "./workbench.ts";

/** Copies the outputs of `program` for these rows to where the main thread reads them. */
export function scatterPredictions(
  predictions: readonly Column[],
  parts: DatasetParts,
  rows: Int32Array,
  bench: Workbench,
  program: BoundProgram,
  sizes: Sizes,
): void {
  for (const output of program.program.plan.outputs) {
    const column = predictions.find((c) => c.name === output.name);
    if (column === undefined) continue;
    const address = bench.portAddress(`predict ${output.name}`, output, sizes);
    const { f32, f64, i32 } = bench.views;
    const views = { float32: f32, float64: f64, int32: i32, bool: i32 } as const;
    const view = views[column.dtype];
    scatterColumn(column, parts, rows, view, address / (column.dtype === "float64" ? 8 : 4));
  }
}

/** Copies an output for these rows, which begins at element `at`, to where they have their places. */
export function scatterColumn(
  column: Column,
  parts: DatasetParts,
  rows: Int32Array,
  view: ColumnArray,
  at: number,
): void {
  for (let b = 0; b < rows.length; b++) {
    const row = rows[b] ?? 0;
    const steps = column.ragged ? (parts.lengths[row] ?? 0) : 1;
    const to = (column.ragged ? (parts.starts[row] ?? 0) : row) * column.inner;
    for (let t = 0; t < steps; t++) {
      const from = at + (t * rows.length + b) * column.inner;
      for (let i = 0; i < column.inner; i++)
        column.data[to + t * column.inner + i] = view[from + i] ?? 0;
    }
  }
}
