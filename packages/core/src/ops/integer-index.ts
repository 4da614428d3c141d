/** What reading and writing at integer tensors share: the layout of the result, and where an index points. */
import { IndexError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { binary, compare, literal, positionOf, select } from "../loop-ir/build.ts";
import { constantIndex, indexOf } from "../loop-ir/index-expr.ts";
import type { Expr, Index } from "../loop-ir/types.ts";
import { inputAt } from "./arity.ts";
import type { Failure } from "./record.ts";
import { describeSource, sizeAt } from "./shape.ts";

/**
 * `ids[k]` (all of one shape I) indexes axis `axes[k]` of a base. The values read or written have the base's other axes in order,
 * with the axes of I inserted at `at`.
 */
export interface IntegerIndexParams {
  readonly axes: readonly number[];
  readonly at: number;
}

/** A list over the base's axes and one over the axes of I, as the list over the axes of the values. */
export function valuesLayout<T>(
  base: readonly T[],
  ids: readonly T[],
  { axes, at }: IntegerIndexParams,
): T[] {
  return base.filter((_, axis) => !axes.includes(axis)).toSpliced(at, 0, ...ids);
}

/** The part of a list over the axes of the values that belongs to I. */
export function idsPart<T>(
  values: readonly T[],
  rank: number,
  { at }: IntegerIndexParams,
): readonly T[] {
  return values.slice(at, at + rank);
}

/** The list over the base's axes: from the values' list without I's part, and from the indices. */
export function baseLayout<T>(
  values: readonly T[],
  rank: number,
  pointers: readonly T[],
  { axes, at }: IntegerIndexParams,
  baseRank: number,
): T[] {
  const kept = values.toSpliced(at, rank);
  return Array.from({ length: baseRank }, (_, axis) => {
    const k = axes.indexOf(axis);
    return inputAt(k < 0 ? kept : pointers, k < 0 ? axis - axes.filter((a) => a < axis).length : k);
  });
}

/** Where one id points, and whether that is outside. Ids below 0 count from the end; the place is clamped to the axis. */
export interface Pointer {
  readonly place: Index;
  readonly outside: Expr;
  readonly failure: Failure;
}

/** The pointers of the ids at `index` of I; the ids are the inputs from `first` on. */
export function pointersAt(
  apply: Apply<IntegerIndexParams>,
  first: number,
  read: (input: number, index: readonly Index[]) => Expr,
  index: readonly Index[],
): Pointer[] {
  const base = inputAt(apply.inputs, 0);
  return apply.params.axes.map((axis, k) => {
    const id = read(first + k, index);
    const n = positionOf(constantIndex(sizeAt(base, axis)));
    const zero = literal("i32", 0);
    const counted = select(compare("lt", id, zero), binary("add", id, n), id);
    const last = binary("sub", n, literal("i32", 1));
    return {
      place: indexOf(binary("max", binary("min", counted, last), zero)),
      outside: binary("or", compare("lt", counted, zero), compare("le", n, counted)),
      failure: {
        code: "INDEX_RANGE",
        message: outsideMessage(base, axis, inputAt(apply.inputs, first + k)),
      },
    };
  });
}

function outsideMessage(base: Tensor, axis: number, ids: Tensor): string {
  return `${describeSource(ids)} points outside axis ${axis} of ${describeSource(base)}, whose size is ${sizeAt(base, axis).toString()}`;
}

/** Where `id` points in an axis of size `n`. @throws IndexError INDEX_RANGE */
export function checkedPlace(id: number, n: number, axis: number): number {
  const place = id < 0 ? id + n : id;
  if (place >= 0 && place < n) return place;
  throw new IndexError("INDEX_RANGE", `index ${id} is outside axis ${axis}, whose size is ${n}`, {
    hint: `indices go from ${-n} to ${n - 1}`,
  });
}
