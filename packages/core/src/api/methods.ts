/**
 * Fluent methods: `x.add(y)` is `add(x, y)`. The only file that changes something when imported: it attaches them to Tensor.
 */
import type { DType, Promote } from "../graph/dtype.ts";
import type { NDArray, Nested } from "../graph/ndarray.ts";
import { describe, onValueAsked, printType, Tensor } from "../graph/tensor.ts";
import * as arithmetic from "../ops/arithmetic.ts";
import { argmax, argmin } from "../ops/argmax.ts";
import { all, any, max, mean, min, prod } from "../ops/axes.ts";
import { sum } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import * as comparisons from "../ops/compare.ts";
import { dimshuffle, expandDims, squeeze, transpose, type AxisPattern } from "../ops/dimshuffle.ts";
import { dot, matmulBatched } from "../ops/dot.ts";
import { and, not, or, where, xor } from "../ops/logic.ts";
import type { FloatOf, Operand, WithNumber } from "../ops/operand.ts";
import { pow } from "../ops/pow.ts";
import type { ReduceOptions } from "../ops/reduce.ts";
import { flatten } from "../ops/reshape.ts";
import { reverse } from "../ops/slice.ts";
import { logSoftmax, logSumExp, softmax } from "../ops/softmax.ts";
import { gradClip, gradReverse, gradScale, stopGradient } from "../ops/gradient-walls.ts";
import { take } from "../ops/subtensor.ts";
import {
  cos,
  erf,
  exp,
  expm1,
  log,
  log1p,
  relu,
  sigmoid,
  sin,
  softplus,
  tanh,
} from "../ops/transcendental.ts";
import { ArgumentError } from "../errors/errors.ts";
import { incSubtensor, index, setSubtensor, type IndexEntry } from "./indexing.ts";
import { broadcastTo, reshape, size, type SizeLike } from "./shapes.ts";

interface Binary<D extends DType> {
  <E extends DType>(y: Tensor<E>): Tensor<Promote<D, E>>;
  (y: number): Tensor<WithNumber<D>>;
  (y: Nested | NDArray): Tensor;
}
interface FloatBinary<D extends DType> {
  <E extends DType>(y: Tensor<E>): Tensor<FloatOf<Promote<D, E>>>;
  (y: number): Tensor<FloatOf<D>>;
  (y: Nested | NDArray): Tensor;
}
type Unary<D extends DType> = () => Tensor<D>;
type FloatUnary<D extends DType> = () => Tensor<FloatOf<D>>;
type Comparison = (y: Operand) => Tensor<"bool">;
type Axes = number | readonly number[];
type Reduction<D extends DType> = (axes?: Axes, options?: ReduceOptions) => Tensor<D>;
type Counted<D extends DType> = D extends "bool" ? "int32" : D;

/** The methods of tensors; each is the function of its name with the tensor as first argument. */
export interface TensorMethods<out D extends DType> {
  readonly add: Binary<D>;
  readonly sub: Binary<D>;
  readonly mul: Binary<D>;
  readonly div: FloatBinary<D>;
  readonly floorDiv: Binary<D>;
  readonly mod: Binary<D>;
  readonly pow: Binary<D>;
  readonly maximum: Binary<D>;
  readonly minimum: Binary<D>;
  readonly neg: Unary<D>;
  readonly abs: Unary<D>;
  readonly sign: Unary<D>;
  readonly sqr: Unary<D>;
  readonly sqrt: FloatUnary<D>;
  readonly reciprocal: FloatUnary<D>;
  readonly floor: FloatUnary<D>;
  readonly ceil: FloatUnary<D>;
  readonly round: FloatUnary<D>;
  readonly clip: (low: Operand, high: Operand) => Tensor<D>;
  readonly exp: FloatUnary<D>;
  readonly expm1: FloatUnary<D>;
  readonly log: FloatUnary<D>;
  readonly log1p: FloatUnary<D>;
  readonly tanh: FloatUnary<D>;
  readonly sigmoid: FloatUnary<D>;
  readonly relu: FloatUnary<D>;
  readonly softplus: FloatUnary<D>;
  readonly erf: FloatUnary<D>;
  readonly sin: FloatUnary<D>;
  readonly cos: FloatUnary<D>;
  readonly lt: Comparison;
  readonly le: Comparison;
  readonly gt: Comparison;
  readonly ge: Comparison;
  readonly eq: Comparison;
  readonly ne: Comparison;
  readonly isNaN: () => Tensor<"bool">;
  readonly and: Binary<D>;
  readonly or: Binary<D>;
  readonly xor: Binary<D>;
  readonly not: Unary<D>;
  /** `x` where this is true, else `y`. */
  readonly where: {
    <E extends DType, F extends DType>(x: Tensor<E>, y: Tensor<F>): Tensor<Promote<E, F>>;
    <E extends DType>(x: Tensor<E>, y: number): Tensor<WithNumber<E>>;
    <E extends DType>(x: number, y: Tensor<E>): Tensor<WithNumber<E>>;
    (x: Operand, y: Operand): Tensor;
  };
  readonly sum: Reduction<Counted<D>>;
  readonly prod: Reduction<Counted<D>>;
  readonly mean: Reduction<FloatOf<D>>;
  readonly max: Reduction<D>;
  readonly min: Reduction<D>;
  readonly any: Reduction<"bool">;
  readonly all: Reduction<"bool">;
  readonly argmax: (axis?: number, options?: ReduceOptions) => Tensor<"int32">;
  readonly argmin: (axis?: number, options?: ReduceOptions) => Tensor<"int32">;
  readonly dot: { <E extends DType>(y: Tensor<E>): Tensor<Promote<D, E>>; (y: Operand): Tensor };
  /** The matrix product over the last two axes, with broadcasting of those before. */
  readonly matmul: { <E extends DType>(y: Tensor<E>): Tensor<Promote<D, E>>; (y: Operand): Tensor };
  readonly softmax: (axis?: number) => Tensor<FloatOf<D>>;
  readonly logSoftmax: (axis?: number) => Tensor<FloatOf<D>>;
  readonly logSumExp: (axis?: number, options?: ReduceOptions) => Tensor<FloatOf<D>>;
  readonly reshape: (shape: readonly SizeLike[]) => Tensor<D>;
  readonly flatten: Unary<D>;
  readonly broadcastTo: (shape: readonly SizeLike[]) => Tensor<D>;
  readonly dimshuffle: (pattern: AxisPattern) => Tensor<D>;
  readonly transpose: (axes?: readonly number[]) => Tensor<D>;
  readonly expandDims: (axis: number) => Tensor<D>;
  readonly squeeze: (axes?: Axes) => Tensor<D>;
  readonly reverse: (axis?: number) => Tensor<D>;
  readonly take: (ids: Operand, axis?: number) => Tensor<D>;
  /** NumPy's `x[...]`: `x.index(0, { start: 1 }, "...")`. */
  readonly index: (...entries: readonly IndexEntry[]) => Tensor<D>;
  readonly setSubtensor: (entries: readonly IndexEntry[], values: Operand) => Tensor<D>;
  readonly incSubtensor: (entries: readonly IndexEntry[], values: Operand) => Tensor<D>;
  readonly cast: <E extends DType>(dtype: E) => Tensor<E>;
  readonly stopGradient: Unary<D>;
  readonly gradClip: (lower: Operand, upper: Operand) => Tensor<D>;
  readonly gradScale: (factor: Operand) => Tensor<D>;
  readonly gradReverse: Unary<D>;
  /** The size of an axis as an int32 scalar. */
  readonly size: (axis: number) => Tensor<"int32">;
}

declare module "../graph/tensor.ts" {
  interface Tensor<out D extends DType = DType> extends TensorMethods<D> {
    /** The axes in reverse order. */
    readonly T: Tensor<D>;
  }
}

const {
  add,
  sub,
  mul,
  div,
  floorDiv,
  mod,
  maximum,
  minimum,
  neg,
  abs,
  sign,
  sqr,
  sqrt,
  reciprocal,
  floor,
  ceil,
  round,
  clip,
} = arithmetic;
const { lt, le, gt, ge, eq, ne, isNaN } = comparisons;

/** Every method of `TensorMethods`; a missing one does not compile. */
const functions: Readonly<
  Record<keyof TensorMethods<DType>, (x: Tensor, ...rest: never[]) => Tensor>
> = {
  add,
  sub,
  mul,
  div,
  floorDiv,
  mod,
  pow,
  maximum,
  minimum,
  neg,
  abs,
  sign,
  sqr,
  sqrt,
  reciprocal,
  floor,
  ceil,
  round,
  clip,
  exp,
  expm1,
  log,
  log1p,
  tanh,
  sigmoid,
  relu,
  softplus,
  erf,
  sin,
  cos,
  lt,
  le,
  gt,
  ge,
  eq,
  ne,
  isNaN,
  and,
  or,
  xor,
  not,
  where,
  sum,
  prod,
  mean,
  max,
  min,
  any,
  all,
  argmax,
  argmin,
  dot,
  matmul: matmulBatched,
  softmax,
  logSoftmax,
  logSumExp,
  reshape,
  flatten,
  broadcastTo,
  dimshuffle,
  transpose,
  expandDims,
  squeeze,
  reverse,
  take,
  index,
  setSubtensor,
  incSubtensor,
  cast,
  stopGradient,
  gradClip,
  gradScale,
  gradReverse,
  size,
};

for (const [name, call] of Object.entries(functions))
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: never[]): Tensor {
      return call(this, ...rest);
    },
  });
Object.defineProperty(Tensor.prototype, "T", {
  get(this: Tensor): Tensor {
    return transpose(this);
  },
});

onValueAsked((tensor) => {
  throw new ArgumentError(
    "NO_VALUE",
    `${describe(tensor)} ${printType(tensor.type)} is symbolic: it has no value while the graph is built, and is not iterable`,
    {
      notes: [`made at ${tensor.site.toString()}`],
      hint: "compute with methods: x.mul(2), x.add(y); choose with where(cond, a, b), loop with scan, look at a value with evaluate(x, { ... })",
    },
  );
});
