/** Indexing in the user's words: bounds of slices may be int32 scalars such as `x.size(0)`. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import type { DType, Promote } from "../graph/dtype.ts";
import { NDArray } from "../graph/ndarray.ts";
import { Tensor } from "../graph/tensor.ts";
import type { Indexer } from "../ops/indexer.ts";
import type { Operand } from "../ops/operand.ts";
import * as parts from "../ops/subtensor.ts";
import { toDimension, type SizeLike } from "./shapes.ts";

/** Python's start:stop:step. Numbers below 0 count from the end. */
export interface Slice {
  readonly start?: SizeLike | undefined;
  readonly stop?: SizeLike | undefined;
  readonly step?: number | undefined;
}
/** One entry of an index: a place, a slice, null for a new axis, "..." for all axes not named, int32 tensors or arrays of places. */
export type IndexEntry =
  Exclude<Indexer, object> | Extract<Indexer, Tensor | readonly number[]> | Slice;

function toIndexer(entry: IndexEntry): Indexer {
  if (typeof entry !== "number" && typeof entry !== "object" && entry !== "...")
    throw new ArgumentError(
      "INDEX_VALUE",
      `index: ${JSON.stringify(entry) ?? "undefined"} is no index`,
      {
        hint: "a place is an integer, a slice is { start, stop }, a new axis is null",
      },
    );
  if (typeof entry !== "object" || entry === null || entry instanceof Tensor || isPlaces(entry))
    return entry;
  if (ArrayBuffer.isView(entry) || entry instanceof NDArray)
    throw new ArgumentError(
      "INDEX_VALUE",
      `index: an instance of ${entry.constructor.name} is no index`,
      {
        hint: "give places as a list of numbers, or as an int32 tensor",
      },
    );
  const unknown = unknownOption(entry, ["start", "stop", "step"]);
  if (unknown !== undefined)
    throw new ArgumentError("INDEX_VALUE", `index: a slice ${unknown.problem}`, unknown);
  const bound = (size: SizeLike | undefined): ReturnType<typeof toDimension> | undefined =>
    size === undefined ? undefined : toDimension("index", size);
  return { ...entry, start: bound(entry.start), stop: bound(entry.stop) };
}

const isPlaces = (entry: IndexEntry): entry is readonly number[] => Array.isArray(entry);

/**
 * The part of `x` at an index, as NumPy reads it: `index(x, 0, { start: 1 }, null, "...", ids)`.
 * @throws IndexError INDEX_RANGE, TOO_MANY_INDICES; DTypeError INDEX_DTYPE; ArgumentError SLICE_STEP, SLICE_BOUND, INDEX_VALUE
 */
export function index<D extends DType>(x: Tensor<D>, ...entries: readonly IndexEntry[]): Tensor<D> {
  return parts.index(x, ...entries.map(toIndexer));
}

/** `x` with `values` (broadcast) in place of what `index(x, ...entries)` reads. @throws as `index`; ShapeError BROADCAST */
export function setSubtensor<D extends DType, E extends DType>(
  x: Tensor<D>,
  entries: readonly IndexEntry[],
  values: Tensor<E>,
): Tensor<Promote<D, E>>;
export function setSubtensor<D extends DType>(
  x: Tensor<D>,
  entries: readonly IndexEntry[],
  values: Operand,
): Tensor<D>;
export function setSubtensor(x: Tensor, entries: readonly IndexEntry[], values: Operand): Tensor {
  return parts.setSubtensor(x, entries.map(toIndexer), values);
}

/** `x` with `values` (broadcast) added to what `index(x, ...entries)` reads; repeated places add up. @throws as `index`; ShapeError BROADCAST */
export function incSubtensor<D extends DType, E extends DType>(
  x: Tensor<D>,
  entries: readonly IndexEntry[],
  values: Tensor<E>,
): Tensor<Promote<D, E>>;
export function incSubtensor<D extends DType>(
  x: Tensor<D>,
  entries: readonly IndexEntry[],
  values: Operand,
): Tensor<D>;
export function incSubtensor(x: Tensor, entries: readonly IndexEntry[], values: Operand): Tensor {
  return parts.incSubtensor(x, entries.map(toIndexer), values);
}
