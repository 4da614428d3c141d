/** Reductions other than sum: prod, max, min, any, all, mean. */
import { ShapeError } from "../errors/errors.ts";
import { isFloating, type DType } from "../graph/dtype.ts";
import { applyOne, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { arange, sizeValue } from "./arange.ts";
import { div } from "./arithmetic.ts";
import { unaryInput } from "./arity.ts";
import { stretch, sum } from "./broadcast.ts";
import { cast } from "./cast.ts";
import { eq } from "./compare.ts";
import { insertAxes, transpose } from "./dimshuffle.ts";
import { mulTensors } from "./elementwise.ts";
import { where } from "./logic.ts";
import type { FloatOf } from "./operand.ts";
import type { OpRecord } from "./record.ts";
import {
  keepsDims,
  reduction,
  withReducedAxes,
  type ReduceOptions,
  type ReduceParams,
  type ReduceSpec,
} from "./reduce.ts";
import { mergeAxes, toExactShape } from "./reshape.ts";
import { describeTyped, normalizeAxes, shapeSize, sizeAt } from "./shape.ts";

type Axes = number | readonly number[];

/**
 * Both derivatives of a reduction whose derivative in each element is a weight: the cotangent times the weights, and the sum of the
 * tangents times the weights. `weigh` gives them from `t` (broadcast or full), the input, and the result with its reduced axes.
 */
function weighted(
  weigh: (t: Tensor, x: Tensor, output: Tensor, axes: readonly number[]) => Tensor,
): Pick<ReduceSpec, "pull" | "push"> {
  const apart = (t: Tensor, { inputs, outputs, params }: Apply<ReduceParams>): Tensor => {
    const x = unaryInput(inputs);
    return stretch(weigh(t, x, withReducedAxes(unaryInput(outputs), params), params.axes), x.shape);
  };
  return {
    pull: apart,
    push: (tangent, apply) =>
      sum(apart(tangent, apply), apply.params.axes, { keepdims: apply.params.keepdims }),
  };
}

/**
 * For each element, the product of the others along `axes`: right where elements are 0, and to any order, because it is itself
 * a product over a square in which the diagonal is 1.
 */
function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const rows = mergeAxes(transpose(x, order), kept.length, order.length);
  const n = sizeAt(rows, -1);
  const square = stretch(insertAxes(rows, [kept.length]), [...rows.shape.slice(0, -1), n, n]);
  const places = arange(n);
  const others = where(eq(insertAxes(places, [1]), places), 1, square);
  const products = applyOne(prodOp, [others], { axes: [kept.length + 1], keepdims: false });
  return transpose(
    toExactShape(
      products,
      order.map((axis) => sizeAt(x, axis)),
    ),
    order.map((_, axis) => order.indexOf(axis)),
  );
}

export const prodOp: OpRecord<ReduceParams> = reduction("prod", {
  op: "mul",
  identity: () => 1,
  fold: (x, y, dtype) => (isFloating(dtype) ? x * y : Math.imul(x, y)),
  ...weighted((t, x, _output, axes) => mulTensors(t, productOfOthers(x, axes))),
});

/** The least value of a dtype, from which max starts. */
function lowest(dtype: DType): number {
  return isFloating(dtype) ? -Infinity : dtype === "int32" ? -0x80000000 : 0;
}

function highest(dtype: DType): number {
  return isFloating(dtype) ? Infinity : dtype === "int32" ? 0x7fffffff : 1;
}

/** At a tie every tied entry gets the full gradient, as in Theano. */
const toWinners = weighted((t, x, output) => where(eq(x, output), t, 0));

export const maxOp = reduction("max", {
  op: "max",
  identity: lowest,
  fold: (x, y) => Math.max(x, y),
  ...toWinners,
});
export const minOp = reduction("min", {
  op: "min",
  identity: highest,
  fold: (x, y) => Math.min(x, y),
  ...toWinners,
});
export const anyOp = reduction("any", { op: "or", identity: () => 0, fold: (x, y) => x | y });
export const allOp = reduction("all", { op: "and", identity: () => 1, fold: (x, y) => x & y });

function fold(
  op: OpRecord<ReduceParams>,
  x: Tensor,
  axes: Axes | undefined,
  keepdims: boolean,
): Tensor {
  const list = normalizeAxes(op.name, axes, x);
  return list.length === 0 ? x : applyOne(op, [x], { axes: list, keepdims });
}

/** The product over `axes` (all when undefined). Its gradient takes time and memory in the square of their size. @throws IndexError AXIS; ArgumentError REDUCE_OPTION */
export function prod<D extends DType>(
  x: Tensor<D>,
  axes?: Axes,
  options?: ReduceOptions,
): Tensor<D extends "bool" ? "int32" : D>;
export function prod(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const counted = x.dtype === "bool" ? cast(x, "int32") : x;
  return fold(prodOp, counted, axes, keepsDims("prod", options));
}

/** `x` when the reduced axes cannot be statically empty. */
function notEmpty(op: string, x: Tensor, axes: Axes | undefined): void {
  if (shapeSize(normalizeAxes(op, axes, x).map((axis) => sizeAt(x, axis))).constant === 0)
    throw new ShapeError("EMPTY_REDUCTION", `${op} of no elements: ${describeTyped(x)}`, {
      hint: "there is no value to begin with",
    });
}

/** The greatest element over `axes` (all when undefined); at a tie every tied entry gets the full gradient. @throws IndexError AXIS; ArgumentError REDUCE_OPTION; ShapeError EMPTY_REDUCTION */
export function max<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D>;
export function max(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  notEmpty("max", x, axes);
  return fold(x.dtype === "bool" ? anyOp : maxOp, x, axes, keepsDims("max", options));
}

/** The least element over `axes` (all when undefined); at a tie every tied entry gets the full gradient. @throws IndexError AXIS; ArgumentError REDUCE_OPTION; ShapeError EMPTY_REDUCTION */
export function min<D extends DType>(x: Tensor<D>, axes?: Axes, options?: ReduceOptions): Tensor<D>;
export function min(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  notEmpty("min", x, axes);
  return fold(x.dtype === "bool" ? allOp : minOp, x, axes, keepsDims("min", options));
}

/** True where any element over `axes` is not 0. @throws IndexError AXIS; ArgumentError REDUCE_OPTION */
export function any(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor<"bool"> {
  return cast(fold(anyOp, cast(x, "bool"), axes, keepsDims("any", options)), "bool");
}

/** True where no element over `axes` is 0. @throws IndexError AXIS; ArgumentError REDUCE_OPTION */
export function all(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor<"bool"> {
  return cast(fold(allOp, cast(x, "bool"), axes, keepsDims("all", options)), "bool");
}

/** The mean over `axes` (all when undefined), floating also for integers. @throws IndexError AXIS; ArgumentError REDUCE_OPTION */
export function mean<D extends DType>(
  x: Tensor<D>,
  axes?: Axes,
  options?: ReduceOptions,
): Tensor<FloatOf<D>>;
export function mean(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const floating = isFloating(x.dtype) ? x : cast(x, "float32");
  const count = shapeSize(normalizeAxes("mean", axes, x).map((axis) => sizeAt(x, axis)));
  const keepdims = keepsDims("mean", options);
  return div(sum(floating, axes, { keepdims }), cast(sizeValue(count), floating.dtype));
}
