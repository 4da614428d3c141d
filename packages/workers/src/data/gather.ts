/** A shard's rows, padded and laid out time-major as the model sees them: `[T, B, ...]`, `[B, ...]`. */
import { InternalError } from "@scan-train/core";
import type { Column, DatasetParts } from "./dataset.ts";
import { philox } from "./philox.ts";

/** What tests do to padding; nothing of it may change a bit of a result. */
export interface PaddingPoke {
  /** Time steps more than the longest row has. */
  readonly extraSteps?: number;
  /** The value of floating-point padding. */
  readonly fill?: number;
}

/** Views of the memory that inputs are written to. */
export interface InputViews {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
}

/** The time steps of a shard: those of its longest row. */
export function shardSteps(parts: DatasetParts, rows: Int32Array, poke: PaddingPoke = {}): number {
  let longest = 0;
  for (const row of rows) longest = Math.max(longest, parts.lengths[row] ?? 0);
  return longest + (poke.extraSteps ?? 0);
}

/** The view of a dtype: booleans are int32 0 or 1 in wasm memory. */
function viewOf(views: InputViews, column: Column): Float32Array | Float64Array | Int32Array {
  switch (column.dtype) {
    case "float32":
      return views.f32;
    case "float64":
      return views.f64;
    case "int32":
    case "bool":
      return views.i32;
    default:
      return column.dtype satisfies never;
  }
}

const bytesOf = { float32: 4, float64: 8, int32: 4, bool: 4 } as const;

/** What inputs are gathered from. */
export interface GatherSource {
  readonly parts: DatasetParts;
  readonly step: { readonly kind: "train" | "evaluate" | "predict"; readonly epoch: number };
  /** Rows of the dataset, all of the step's or some. */
  readonly rows: Int32Array;
  /** Time steps of the longest of them. */
  readonly steps: number;
  readonly seed: number;
  readonly poke: PaddingPoke;
}

/** Writes an input of the model at byte `address`: a field, or what the trainer adds to the fields. */
export function gatherInput(
  name: string,
  { parts, step, rows, steps, seed, poke }: GatherSource,
  views: InputViews,
  address: number,
): void {
  const column = parts.columns.find((c) => c.name === name);
  if (column !== undefined) gatherColumn(parts, column, rows, steps, views, address, poke);
  else if (name === "lengths") gatherLengths(parts, rows, views, address);
  else if (name === "mask") gatherMask(parts, rows, steps, views, address);
  else if (name === "keys") gatherKeys(rows, seed, step.epoch, views, address);
  else if (name === "training") views.i32[address / 4] = step.kind === "train" ? 1 : 0;
  else throw new InternalError(`nothing feeds the input "${name}"`);
}

/** Writes a column of `rows` at byte `address`; ragged ones over `steps` time steps. */
function gatherColumn(
  parts: DatasetParts,
  column: Column,
  rows: Int32Array,
  steps: number,
  views: InputViews,
  address: number,
  poke: PaddingPoke = {},
): void {
  const view = viewOf(views, column);
  const at = address / bytesOf[column.dtype];
  if (!column.ragged) gatherFixed(column, rows, view, at);
  else {
    const floating = column.dtype === "float32" || column.dtype === "float64";
    gatherRagged(parts, column, rows, steps, view, at, floating ? (poke.fill ?? 0) : 0);
  }
}

type View = Float32Array | Float64Array | Int32Array;

function gatherFixed({ data, inner }: Column, rows: Int32Array, view: View, at: number): void {
  for (let b = 0; b < rows.length; b++) {
    const from = (rows[b] ?? 0) * inner;
    for (let i = 0; i < inner; i++) view[at + b * inner + i] = data[from + i] ?? 0;
  }
}

function gatherRagged(
  parts: DatasetParts,
  { data, inner }: Column,
  rows: Int32Array,
  steps: number,
  view: View,
  at: number,
  fill: number,
): void {
  const stride = rows.length * inner;
  for (let b = 0; b < rows.length; b++) {
    const row = rows[b] ?? 0;
    const length = parts.lengths[row] ?? 0;
    let from = (parts.starts[row] ?? 0) * inner;
    let to = at + b * inner;
    for (let t = 0; t < length; t++, to += stride, from += inner)
      if (inner < 32) for (let i = 0; i < inner; i++) view[to + i] = data[from + i] ?? 0;
      else view.set(data.subarray(from, from + inner), to);
    for (let t = length; t < steps; t++, to += stride) view.fill(fill, to, to + inner);
  }
}

/** Writes the rows' lengths, int32 `[B]`. */
function gatherLengths(
  parts: DatasetParts,
  rows: Int32Array,
  views: InputViews,
  address: number,
): void {
  for (let b = 0; b < rows.length; b++)
    views.i32[address / 4 + b] = parts.lengths[rows[b] ?? 0] ?? 0;
}

/** Writes the mask that lengths alone give, bool `[T, B]`. */
function gatherMask(
  parts: DatasetParts,
  rows: Int32Array,
  steps: number,
  views: InputViews,
  address: number,
): void {
  for (let b = 0; b < rows.length; b++) {
    const length = parts.lengths[rows[b] ?? 0] ?? 0;
    for (let t = 0; t < steps; t++)
      views.i32[address / 4 + t * rows.length + b] = t < length ? 1 : 0;
  }
}

/** Writes a random key per row, int32 `[B, 2]`, which depends on the seed, the epoch and the row alone. */
function gatherKeys(
  rows: Int32Array,
  seed: number,
  epoch: number,
  views: InputViews,
  address: number,
): void {
  for (let b = 0; b < rows.length; b++) {
    const words = philox([rows[b] ?? 0, epoch, 0, 1], [seed, Math.floor(seed / 0x100000000)]);
    views.i32[address / 4 + 2 * b] = words[0];
    views.i32[address / 4 + 2 * b + 1] = words[1];
  }
}
