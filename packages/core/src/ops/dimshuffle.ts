/** Views that permute axes, insert axes of size 1 and drop them. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { rowMajorStrides } from "../graph/ndarray.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { zeroIndex } from "../loop-ir/index-expr.ts";
import { constantSize } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { defineRecord } from "./record.ts";
import { readStrided } from "./reference/strided.ts";
import { toExactShape } from "./reshape.ts";
import {
  describeSource,
  describeTyped,
  isOne,
  normalizeAxes,
  normalizeAxis,
  sizeAt,
} from "./shape.ts";

/** For each axis of the result: the axis of the input it shows, or "x" for a new axis of size 1. */
export type AxisPattern = readonly (number | "x")[];

interface DimshuffleParams {
  readonly pattern: AxisPattern;
}

const one = constantSize(1);

/** The pattern that undoes `pattern` on a tensor of `rank` axes. */
export function inversePattern(pattern: AxisPattern, rank: number): AxisPattern {
  return Array.from({ length: rank }, (_, axis) => {
    const at = pattern.indexOf(axis);
    return at < 0 ? "x" : at;
  });
}

export const dimshuffleOp = defineRecord<DimshuffleParams>({
  name: "dimshuffle",
  infer(inputs, { pattern }) {
    const x = unaryInput(inputs);
    const checks: SizeCheck[] = [];
    for (const [axis, size] of x.shape.entries()) {
      if (pattern.includes(axis) || isOne(size)) continue;
      const message = `dimshuffle: axis ${axis} of ${describeSource(x)} (${size.toString()}) can be dropped only when its size is 1`;
      if (size.constant !== undefined)
        throw new ShapeError("DROPPED_AXIS", message, { notes: [describeTyped(x)] });
      checks.push({ x: size, relation: "equal", y: one, message });
    }
    return {
      types: [{ dtype: x.dtype, shape: pattern.map((p) => (p === "x" ? one : sizeAt(x, p))) }],
      checks,
    };
  },
  reference(inputs, { pattern }) {
    const x = unaryInput(inputs);
    const strides = rowMajorStrides(x.shape);
    const shape = pattern.map((p) => (p === "x" ? 1 : (x.shape[p] ?? 1)));
    return [
      readStrided(
        x,
        shape,
        pattern.map((p) => (p === "x" ? 0 : (strides[p] ?? 0))),
      ),
    ];
  },
  vjp(_context, { inputs, params }, [cotangent]) {
    const x = unaryInput(inputs);
    return [
      cotangent === undefined
        ? undefined
        : toExactShape(shuffle(cotangent, inversePattern(params.pattern, x.rank)), x.shape),
    ];
  },
  jvp: (_context, { params }, [tangent]) => [
    tangent === undefined ? undefined : shuffle(tangent, params.pattern),
  ],
  batch: ({ params }, inputs) => [
    shuffle(unaryInput(inputs), [0, ...params.pattern.map((p) => (p === "x" ? p : p + 1))]),
  ],
  lowering: {
    kind: "view",
    view: ({ inputs, params }, index) =>
      inversePattern(params.pattern, unaryInput(inputs).rank).map((p) =>
        p === "x" ? zeroIndex : (index[p] ?? zeroIndex),
      ),
  },
  cost: "view",
});

function shuffle(x: Tensor, pattern: AxisPattern): Tensor {
  const unchanged = pattern.length === x.rank && pattern.every((p, axis) => p === axis);
  return unchanged ? x : applyOne(dimshuffleOp, [x], { pattern });
}

/**
 * Axes of `x` in the order of `pattern`, "x" for a new axis of size 1; an axis left out must have size 1 (Theano's dimshuffle).
 * @throws ArgumentError AXIS_TWICE; IndexError AXIS; ShapeError DROPPED_AXIS
 */
export function dimshuffle<D extends DType>(x: Tensor<D>, pattern: AxisPattern): Tensor<D>;
export function dimshuffle(x: Tensor, pattern: AxisPattern): Tensor {
  const axes = pattern.map((p) => (p === "x" ? p : normalizeAxis("dimshuffle", p, x)));
  const numbers = axes.filter((p) => p !== "x");
  if (new Set(numbers).size < numbers.length)
    throw new ArgumentError(
      "AXIS_TWICE",
      `dimshuffle: pattern [${pattern.join(", ")}] shows one axis of ${describeTyped(x)} twice`,
    );
  return shuffle(x, axes);
}

/** Axes in another order; reversed when none is given. @throws ArgumentError TRANSPOSE when `axes` is no permutation. */
export function transpose<D extends DType>(x: Tensor<D>, axes?: readonly number[]): Tensor<D>;
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  if (axes !== undefined && axes.length !== x.rank)
    throw new ArgumentError(
      "TRANSPOSE",
      `transpose: [${axes.join(", ")}] does not permute the ${x.rank} axes of ${describeTyped(x)}`,
    );
  return dimshuffle(x, axes ?? x.shape.map((_, axis) => x.rank - 1 - axis));
}

/** Swaps the last two axes. */
export function transposeLast(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return shuffle(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/** A new axis of size 1 that becomes axis `axis` of the result. @throws IndexError AXIS */
export function expandDims<D extends DType>(x: Tensor<D>, axis: number): Tensor<D>;
export function expandDims(x: Tensor, axis: number): Tensor {
  return insertAxes(x, [normalizeAxis("expandDims", axis, x, x.rank + 1)]);
}

/** New axes of size 1 at these places of the result, ascending. */
export function insertAxes(x: Tensor, places: readonly number[]): Tensor {
  let next = 0;
  const rank = x.rank + places.length;
  return shuffle(
    x,
    Array.from({ length: rank }, (_, axis) => (places.includes(axis) ? "x" : next++)),
  );
}

/** `x` of at least `rank` axes: new ones are inserted after the first `kept` ones. */
export function padRank(x: Tensor, rank: number, kept: number): Tensor {
  return insertAxes(
    x,
    Array.from({ length: Math.max(0, rank - x.rank) }, (_, i) => kept + i),
  );
}

/** Without the given axes of size 1; without all that are statically 1 when none is given. @throws ShapeError DROPPED_AXIS */
export function squeeze<D extends DType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
): Tensor<D>;
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  const all = x.shape.map((_, axis) => axis);
  const dropped =
    axes === undefined
      ? all.filter((axis) => isOne(x.shape[axis]))
      : normalizeAxes("squeeze", axes, x);
  return shuffle(
    x,
    all.filter((axis) => !dropped.includes(axis)),
  );
}

/** Axis `from` moved to place `to`. */
export function moveAxis<D extends DType>(x: Tensor<D>, from: number, to: number): Tensor<D>;
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const [source, target] = [normalizeAxis("moveAxis", from, x), normalizeAxis("moveAxis", to, x)];
  const rest = x.shape.map((_, axis) => axis).filter((axis) => axis !== source);
  return shuffle(x, [...rest.slice(0, target), source, ...rest.slice(target)]);
}

/** `count` neighbouring axes that begin at `from`, moved so that they begin at place `to` of the result. */
export function moveAxes(x: Tensor, from: number, to: number, count: number): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const moved = axes.splice(from, count);
  return shuffle(x, axes.toSpliced(to, 0, ...moved));
}
