/** From a shard's padded outputs to rows: the way back from `gather`. */
import type { Column, DatasetParts } from "../data/dataset.ts";
import { columnArray, type ColumnArray } from "../data/row-values.ts";
import type { BoundProgram, Sizes, Workbench } from "./workbench.ts";

/** What a column is, without its data. */
export type ColumnShape = Omit<Column, "data">;

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

/** The outputs of `program` for these rows alone, in columns of their own: what a worker without shared memory sends home. */
export function packPredictions(
  shapes: readonly ColumnShape[],
  parts: DatasetParts,
  rows: Int32Array,
  bench: Workbench,
  program: BoundProgram,
  sizes: Sizes,
): ColumnArray[] {
  const lengths = rows.map((row) => parts.lengths[row] ?? 0);
  const starts = new Int32Array(rows.length);
  for (let i = 1; i < rows.length; i++) starts[i] = (starts[i - 1] ?? 0) + (lengths[i - 1] ?? 0);
  const tokens = lengths.reduce((n, length) => n + length, 0);
  const columns = shapes.map((shape): Column => {
    const count = (shape.ragged ? tokens : rows.length) * shape.inner;
    return { ...shape, data: columnArray(shape.dtype, count) };
  });
  const packed: DatasetParts = { rows: rows.length, lengths, starts, columns: [] };
  scatterPredictions(
    columns,
    packed,
    rows.map((_, i) => i),
    bench,
    program,
    sizes,
  );
  return columns.map(({ data }) => data);
}

/** Puts what `packPredictions` made of these rows where the rows lie. */
export function unpackPredictions(
  predictions: readonly Column[],
  parts: DatasetParts,
  rows: Int32Array,
  packed: readonly ColumnArray[],
): void {
  for (const [i, { ragged, inner, data }] of predictions.entries()) {
    const from = packed[i];
    if (from === undefined) continue;
    let at = 0;
    for (const row of rows) {
      const count = (ragged ? (parts.lengths[row] ?? 0) : 1) * inner;
      const to = (ragged ? (parts.starts[row] ?? 0) : row) * inner;
      data.set(from.subarray(at, at + count), to);
      at += count;
    }
  }
}
