/** What users write between brackets, read once: which elements of which axes, and how the result lies. */
import { ArgumentError, DTypeError, IndexError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import { Tensor } from "../graph/tensor.ts";
import { ceilDivSizes, constantSize, minSizes, Size, subSizes, toSize } from "../size/size.ts";
import { cast } from "./cast.ts";
import { constant } from "./constant.ts";
import type { AxisPattern } from "./dimshuffle.ts";
import { clampSize, describeTyped, sameShape, type Dimension } from "./shape.ts";
import { wholeAxis, type AxisSlice } from "./slice.ts";
import { stretch } from "./broadcast.ts";

/** Python's start:stop:step. Negative numbers count from the end; sizes count from the start. */
export interface SliceSpec {
  readonly start?: Dimension | undefined;
  readonly stop?: Dimension | undefined;
  readonly step?: number | undefined;
}

/** One entry of an index: a place, a slice, null for a new axis, "..." for all axes not named, or integers (a tensor or an array). */
export type Indexer = number | Size | SliceSpec | Tensor | readonly number[] | null | "...";

const one = constantSize(1);

function bound(x: Dimension | undefined): number | Size | undefined {
  return x instanceof Size ? (x.constant ?? x) : x;
}

/** A bound of a slice as a place >= 0 that may lie behind the end: bounds below 0 count from the end. */
function fromStart(place: number | Size, n: Size): Size {
  return typeof place === "number" && place < 0 ? clampSize(subSizes(n, -place)) : toSize(place);
}

/** Python's slice of an axis of size `n`. @throws ArgumentError SLICE_STEP, SLICE_BOUND */
export function resolveSlice({ start, stop, step = 1 }: SliceSpec, n: Size): AxisSlice {
  if (!Number.isInteger(step) || step === 0)
    throw new ArgumentError(
      "SLICE_STEP",
      `the step of a slice is an integer other than 0, got ${step}`,
    );
  const [from, to] = [bound(start), bound(stop)];
  for (const x of [from, to])
    if (typeof x === "number" && !Number.isSafeInteger(x))
      throw new ArgumentError("SLICE_BOUND", `the bounds of a slice are integers, got ${x}`);
  return step > 0 ? ascending(from, to, step, n) : descending(from, to, step, n);
}

function ascending(
  from: number | Size | undefined,
  to: number | Size | undefined,
  step: number,
  n: Size,
): AxisSlice {
  const begin = fromStart(from ?? 0, n);
  const end =
    to === undefined ? n : typeof to === "number" && to < 0 ? subSizes(n, -to) : minSizes(to, n);
  return { start: begin, step, length: ceilDivSizes(clampSize(subSizes(end, begin)), step) };
}

/** Down from the last element that the bounds admit; `stop` itself is not reached. */
function descending(
  from: number | Size | undefined,
  to: number | Size | undefined,
  step: number,
  n: Size,
): AxisSlice {
  const last = subSizes(n, 1);
  const begin =
    from === undefined
      ? last
      : typeof from === "number" && from < 0
        ? subSizes(n, -from)
        : minSizes(from, last);
  const stop =
    to === undefined
      ? constantSize(-1)
      : typeof to === "number" && to < 0
        ? subSizes(clampSize(subSizes(n, -to - 1)), 1)
        : minSizes(to, last);
  return { start: begin, step, length: ceilDivSizes(clampSize(subSizes(begin, stop)), -step) };
}

/** A fixed place as a slice of one element. @throws IndexError INDEX_RANGE when it is provably outside */
function placeSlice(place: number | Size, x: Tensor, axis: number, n: Size): AxisSlice {
  const negative = typeof place === "number" && place < 0;
  const least = negative ? constantSize(-place) : addOne(place);
  if (n.constant !== undefined && least.constant !== undefined && n.constant < least.constant)
    throw new IndexError(
      "INDEX_RANGE",
      `index ${place.toString()} is outside axis ${axis} of ${describeTyped(x)}`,
      {
        hint:
          n.constant === 0
            ? "the axis is empty"
            : `indices go from ${-n.constant} to ${n.constant - 1}`,
      },
    );
  return {
    start: negative ? subSizes(n, -place) : toSize(place),
    step: 1,
    length: one,
    atLeast: least,
  };
}

function addOne(place: number | Size): Size {
  return subSizes(place, -1);
}

/** How to read `x` at an index: slice every axis, gather at `ids` (when there are any), then lay the axes out by `pattern`. */
export interface IndexPlan {
  readonly slices: readonly AxisSlice[];
  readonly ids: readonly Tensor[];
  readonly axes: readonly number[];
  readonly at: number;
  readonly pattern: AxisPattern;
}

function isIntegers(entry: Indexer): entry is Tensor | readonly number[] {
  return entry instanceof Tensor || Array.isArray(entry);
}

/** One entry per axis of `x` and per new axis: "..." written out. @throws IndexError TOO_MANY_INDICES; ArgumentError TWO_ELLIPSES */
function spelledOut(x: Tensor, entries: readonly Indexer[]): Indexer[] {
  const used = entries.filter((entry) => entry !== null && entry !== "...").length;
  if (used > x.rank)
    throw new IndexError(
      "TOO_MANY_INDICES",
      `${used} indices for ${describeTyped(x)}, which has ${x.rank} axes`,
    );
  const dots = entries.indexOf("...");
  if (entries.lastIndexOf("...") !== dots)
    throw new ArgumentError("TWO_ELLIPSES", 'an index may have one "..." only');
  const rest = Array.from({ length: x.rank - used }, (): SliceSpec => ({}));
  return dots < 0 ? [...entries, ...rest] : entries.toSpliced(dots, 1, ...rest);
}

function integerTensor(entry: Tensor | readonly number[], x: Tensor): Tensor {
  if (!(entry instanceof Tensor)) {
    if (!entry.every((i) => Number.isInteger(i)))
      throw new DTypeError("INDEX_DTYPE", `indices are integers, got [${entry.join(", ")}]`);
    return constant(entry, "int32");
  }
  if (entry.dtype === "int32") return entry;
  throw new DTypeError(
    "INDEX_DTYPE",
    `${describeTyped(entry)} cannot index ${describeTyped(x)}: indices are int32`,
    {
      hint: isFloating(entry.dtype)
        ? 'convert it: cast(i, "int32")'
        : "the shape would depend on values: keep the shape and use where(mask, x, 0)",
    },
  );
}

/** All ids in one shape: scalars and axes of static size 1 stretch. */
function together(
  ids: readonly Tensor[],
  broadcast: (tensors: readonly Tensor[]) => readonly Size[],
): Tensor[] {
  const [first] = ids;
  if (first === undefined || ids.every((x) => sameShape(x.shape, first.shape))) return [...ids];
  const shape = broadcast(ids);
  return ids.map((x) => stretch(cast(x, "int32"), shape));
}

/** What an index means for `x`. NumPy's rule: integer arrays apart from each other put their axes first. */
export function planIndex(
  x: Tensor,
  entries: readonly Indexer[],
  broadcast: (tensors: readonly Tensor[]) => readonly Size[],
): IndexPlan {
  const list = spelledOut(x, entries);
  const slices: AxisSlice[] = [];
  const given: Tensor[] = [];
  const axes: number[] = [];
  for (const entry of list) {
    if (entry === null || entry === "...") continue;
    const axis = slices.length;
    const n = x.shape[axis] ?? one;
    if (isIntegers(entry)) {
      given.push(integerTensor(entry, x));
      axes.push(axis);
      slices.push(wholeAxis(n));
    } else if (typeof entry === "number" || entry instanceof Size) {
      if (typeof entry === "number" && !Number.isInteger(entry))
        throw new ArgumentError("INDEX_VALUE", `an index is an integer, got ${entry}`);
      slices.push(placeSlice(bound(entry) ?? 0, x, axis, n));
    } else slices.push(resolveSlice(entry, n));
  }
  const ids = together(given, broadcast);
  const at = axes[0] ?? 0;
  return { slices, ids, axes, at, pattern: layout(list, axes, at, ids[0]?.rank ?? 0) };
}

/** The axes of the result, each as an axis of what gathering leaves: kept axes in order with the ids' axes inserted at `at`. */
function layout(
  list: readonly Indexer[],
  axes: readonly number[],
  at: number,
  rank: number,
): AxisPattern {
  const idsAxes = axes.length === 0 ? [] : Array.from({ length: rank }, (_, k) => at + k);
  const isPlace = (entry: Indexer): boolean =>
    isIntegers(entry) || typeof entry === "number" || entry instanceof Size;
  const places = list.flatMap((entry, k) => (isPlace(entry) ? [k] : []));
  const [first = 0, last = -1] = [places[0], places.at(-1)];
  const joined = last - first + 1 === places.length;
  const pattern: (number | "x")[] = joined ? [] : [...idsAxes];
  let kept = 0;
  for (const [k, entry] of list.entries()) {
    if (joined && k === first) pattern.push(...idsAxes);
    if (entry === null) pattern.push("x");
    else if (!isIntegers(entry)) {
      const axis = kept < at || axes.length === 0 ? kept : kept + rank;
      if (!isPlace(entry)) pattern.push(axis);
      kept++;
    }
  }
  return pattern;
}
