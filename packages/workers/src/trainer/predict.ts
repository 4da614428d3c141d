/** Which fields a prediction needs, where its outputs go, and how rows get theirs. */
import { NDArray, type DType } from "@scan-train/core";
import type { Column, DatasetParts } from "../data/dataset.ts";
import type { Fields } from "../data/fields.ts";
import { columnArray } from "../data/row-values.ts";
import type { ProgramFace } from "./programs.ts";
import type { Prediction } from "./types.ts";

/** The fields that the outputs depend on; all ragged ones when only the lengths matter. */
export function predictionFields(fields: Fields, { plan }: ProgramFace): Fields {
  const names = new Set(plan.inputs.map((input) => input.name));
  const used = Object.entries(fields).filter(([name]) => names.has(name));
  const needsTime = names.has("lengths") || names.has("mask");
  const entries =
    needsTime && !used.some(([, x]) => x.ragged)
      ? Object.entries(fields).filter(([name, x]) => names.has(name) || x.ragged)
      : used;
  return Object.fromEntries(entries);
}

/** Axes before a row's own: batch, or time and batch. */
const isPerStep = (shape: readonly { readonly key: string }[]): boolean => shape[0]?.key !== "B";

/** Memory for the outputs of all rows. */
export function predictionColumns({ plan }: ProgramFace, parts: DatasetParts): Column[] {
  const last = parts.rows - 1;
  const tokens = (parts.starts[last] ?? 0) + (parts.lengths[last] ?? 0);
  return plan.outputs.map(({ name, dtype, shape }) => {
    const ragged = isPerStep(shape);
    const inner = innerShape(shape).reduce((n, d) => n * d, 1);
    return {
      name,
      dtype,
      ragged,
      inner,
      data: columnArray(dtype, (ragged ? tokens : parts.rows) * inner),
    };
  });
}

function innerShape(
  shape: readonly { readonly key: string; readonly constant: number | undefined }[],
): number[] {
  return shape.slice(isPerStep(shape) ? 2 : 1).map((size) => size.constant ?? 0);
}

/** The outputs row by row. */
export function rowPredictions(
  { plan }: ProgramFace,
  columns: readonly Column[],
  parts: DatasetParts,
): Prediction[] {
  return Array.from({ length: parts.rows }, (_, row) =>
    Object.fromEntries(
      plan.outputs.map(({ name, shape }, i) => {
        const column = columns[i];
        const inner = innerShape(shape);
        const steps = parts.lengths[row] ?? 0;
        const own = column?.ragged === true ? [steps, ...inner] : inner;
        return [
          name,
          column === undefined
            ? new NDArray("float32", [0], new Float32Array())
            : valueOf(column, parts, row, own),
        ];
      }),
    ),
  );
}

function valueOf(
  { dtype, ragged, inner, data }: Column,
  parts: DatasetParts,
  row: number,
  shape: readonly number[],
): NDArray {
  const at = (ragged ? (parts.starts[row] ?? 0) : row) * inner;
  const size = shape.reduce((n, d) => n * d, 1);
  return new NDArray<DType>(dtype, shape, data.slice(at, at + size));
}
