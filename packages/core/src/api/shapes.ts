/** Functions that take sizes: a size may be a number, a symbolic size, or an int32 scalar such as `x.size(0)`. */
import { ArgumentError, DTypeError, UnsupportedError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { leavesOf } from "../graph/walk.ts";
import * as positions from "../ops/arange.ts";
import * as broadcasting from "../ops/broadcast.ts";
import * as constants from "../ops/constant.ts";
import * as reshaping from "../ops/reshape.ts";
import { normalizeAxis, toShape, type Dimension } from "../ops/shape.ts";
import * as slicing from "../ops/slice.ts";
import { Size } from "../size/size.ts";
import { sizeOf } from "./scan/size-of-tensor.ts";
import { scanOfStepArgument } from "./scan/step-arguments.ts";

/** A size of an axis. */
export type SizeLike = Dimension | Tensor<"int32">;

/** @throws ArgumentError SIZE; DTypeError SIZE when a tensor is no int32 scalar; UnsupportedError SIZE_IN_STEP when its value changes from step to step */
export function toDimension(what: string, size: SizeLike): Dimension {
  if (typeof size === "number" || size instanceof Size) return size;
  const given: unknown = size;
  if (!(given instanceof Tensor))
    throw new ArgumentError("SIZE", `${what}: ${String(given)} is not a size`, {
      hint: "sizes are integers >= 0, or sizes of tensors such as x.size(0)",
    });
  if (size.dtype !== "int32" || size.rank !== 0)
    throw new DTypeError(
      "SIZE",
      `${what}: a size must be an int32 scalar, ${describe(size)} is ${printType(size.type)}`,
    );
  const scan = leavesOf([size])
    .map(scanOfStepArgument)
    .find((owner) => owner !== undefined);
  if (scan !== undefined)
    throw new UnsupportedError(
      "SIZE_IN_STEP",
      `${what}: size ${describe(size)} depends on what ${scan} computes in each step`,
      {
        hint: "sizes cannot change from step to step; use the greatest size and a mask",
      },
    );
  return sizeOf(size);
}

/** How many there are. @throws ArgumentError SIZE; DTypeError SIZE */
export function toCount(what: string, n: SizeLike): Dimension {
  const count = toDimension(what, n);
  toShape(what, [count]);
  return count;
}

/** @throws ArgumentError SIZE; DTypeError SIZE */
export function toDimensions(what: string, shape: readonly SizeLike[]): Dimension[] {
  if (!Array.isArray(shape))
    throw new ArgumentError("SIZE", `${what}: the shape is not a list`, {
      hint: `give a list of sizes: ${what === "zeros" || what === "ones" ? `${what}([3, 4])` : "[3, 4]"}`,
    });
  return shape.map((size) => toDimension(what, size));
}

/** `shape` filled with one number, float32 unless `dtype` is given. @throws ArgumentError SIZE */
export function full(shape: readonly SizeLike[], value: number): Tensor<"float32">;
export function full<D extends DType = "float32">(
  shape: readonly SizeLike[],
  value: number,
  dtype?: D,
): Tensor<D>;
export function full(shape: readonly SizeLike[], value: number, dtype?: DType): Tensor {
  return constants.full(toDimensions("full", shape), value, dtype);
}

/** Zeros of `shape`. @throws ArgumentError SIZE */
export function zeros(shape: readonly SizeLike[]): Tensor<"float32">;
export function zeros<D extends DType = "float32">(
  shape: readonly SizeLike[],
  dtype?: D,
): Tensor<D>;
export function zeros(shape: readonly SizeLike[], dtype?: DType): Tensor {
  return constants.zeros(toDimensions("zeros", shape), dtype);
}

/** Ones of `shape`. @throws ArgumentError SIZE */
export function ones(shape: readonly SizeLike[]): Tensor<"float32">;
export function ones<D extends DType = "float32">(shape: readonly SizeLike[], dtype?: D): Tensor<D>;
export function ones(shape: readonly SizeLike[], dtype?: DType): Tensor {
  return constants.ones(toDimensions("ones", shape), dtype);
}

/** `x` repeated along new leading axes and along axes of static size 1. @throws ShapeError BROADCAST */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: readonly SizeLike[]): Tensor<D> {
  return broadcasting.broadcastTo(x, toDimensions("broadcastTo", shape));
}

/** The elements of `x` in row-major order under another shape; one size may be -1. @throws ShapeError RESHAPE; ArgumentError RESHAPE_UNKNOWN */
export function reshape<D extends DType>(x: Tensor<D>, shape: readonly SizeLike[]): Tensor<D> {
  return reshaping.reshape(x, toDimensions("reshape", shape));
}

/**
 * int32 from `start` (0 when only one bound is given) up to but without `stop`.
 * @throws ArgumentError ARANGE_STEP, SIZE
 */
export function arange(stop: SizeLike): Tensor<"int32">;
export function arange(start: SizeLike, stop: SizeLike, step?: number): Tensor<"int32">;
export function arange(a: SizeLike, b?: SizeLike, step = 1): Tensor<"int32"> {
  return b === undefined
    ? positions.arange(toDimension("arange", a))
    : positions.arange(toDimension("arange", a), toDimension("arange", b), step);
}

/** [..., n]: 1 at the place that `ids` [...] names, 0 elsewhere. */
export function oneHot<D extends DType = "float32">(
  ids: Tensor,
  n: SizeLike,
  dtype?: D,
): Tensor<D> {
  return positions.oneHot(ids, toDimension("oneHot", n), dtype);
}

/** Elements start .. start + length - 1 of one axis, which must contain them. */
export function sliceAxis<D extends DType>(
  x: Tensor<D>,
  axis: number,
  start: SizeLike,
  length: SizeLike,
): Tensor<D> {
  return slicing.sliceAxis(
    x,
    axis,
    toDimension("sliceAxis", start),
    toDimension("sliceAxis", length),
  );
}

/** The size of an axis as an int32 scalar; axes below 0 count from the end. @throws IndexError AXIS */
export function size(x: Tensor, axis: number): Tensor<"int32"> {
  return positions.sizeValue(x.shape[normalizeAxis("size", axis, x)] ?? 1);
}
