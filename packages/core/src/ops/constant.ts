/** Constants, and constants seen through broadcasting. */
import { ArgumentError } from "../errors/errors.ts";
import { requireDType, type DType } from "../graph/dtype.ts";
import { fromNested, NDArray, type Nested } from "../graph/ndarray.ts";
import { Tensor } from "../graph/tensor.ts";
import { constantSize } from "../size/size.ts";
import { stretch } from "./broadcast.ts";
import { toShape, type Dimension } from "./shape.ts";

function isNumbers(value: unknown): boolean {
  return Array.isArray(value)
    ? value.every(isNumbers)
    : typeof value === "number" || typeof value === "boolean" || ArrayBuffer.isView(value);
}

/** @throws ArgumentError OPERAND unless `value` is what a tensor may be written as */
export function requireOperand(what: string, value: unknown): void {
  if (value instanceof Tensor || value instanceof NDArray || isNumbers(value)) return;
  const given = Array.isArray(value)
    ? "a list that holds something else than numbers"
    : typeof value === "object" && value !== null
      ? `an object (${Object.keys(value).join(", ")})`
      : typeof value === "string"
        ? JSON.stringify(value)
        : String(value);
  const forms = "give a tensor, a number, nested arrays of numbers or an NDArray";
  throw new ArgumentError("OPERAND", `${what} is ${given}`, {
    hint: value === undefined ? `${forms}; x[-1] is index(x, -1)` : forms,
  });
}

/** A constant tensor of nested arrays, a number, or an NDArray (whose dtype it keeps unless `dtype` is given). @throws ShapeError RAGGED; DTypeError DTYPE */
export function constant<D extends DType = "float32">(
  value: Nested | NDArray<D>,
  dtype?: D,
): Tensor<D>;
export function constant(value: Nested | NDArray, dtype?: DType): Tensor {
  requireOperand("constant: the value", value);
  if (dtype !== undefined) requireDType("constant", dtype);
  const array = toArray(value, dtype);
  return new Tensor(
    { dtype: array.dtype, shape: array.shape.map(constantSize) },
    { kind: "constant", value: array },
  );
}

function toArray(value: Nested | NDArray, dtype: DType | undefined): NDArray {
  if (!(value instanceof NDArray)) return fromNested(dtype ?? "float32", value);
  return dtype === undefined || dtype === value.dtype ? value : fromNested(dtype, value.toArray());
}

/** `shape` filled with one number. */
export function full(shape: readonly Dimension[], value: number): Tensor<"float32">;
export function full<D extends DType = "float32">(
  shape: readonly Dimension[],
  value: number,
  dtype?: D,
): Tensor<D>;
export function full(shape: readonly Dimension[], value: number, dtype: DType = "float32"): Tensor {
  return stretch(constant(value, dtype), toShape("full", shape));
}

/** Zeros of `shape`. */
export function zeros(shape: readonly Dimension[]): Tensor<"float32">;
export function zeros<D extends DType = "float32">(
  shape: readonly Dimension[],
  dtype?: D,
): Tensor<D>;
export function zeros(shape: readonly Dimension[], dtype: DType = "float32"): Tensor {
  return full(shape, 0, dtype);
}

/** Ones of `shape`. */
export function ones(shape: readonly Dimension[]): Tensor<"float32">;
export function ones<D extends DType = "float32">(
  shape: readonly Dimension[],
  dtype?: D,
): Tensor<D>;
export function ones(shape: readonly Dimension[], dtype: DType = "float32"): Tensor {
  return full(shape, 1, dtype);
}

/** One number everywhere, in the type of `x`. */
export function fullLike<D extends DType>(x: Tensor<D>, value: number): Tensor<D>;
export function fullLike(x: Tensor, value: number): Tensor {
  return stretch(constant(value, x.dtype), x.shape);
}

/** Zeros in the type of `x`. */
export function zerosLike<D extends DType>(x: Tensor<D>): Tensor<D> {
  return fullLike(x, 0);
}

/** Ones in the type of `x`. */
export function onesLike<D extends DType>(x: Tensor<D>): Tensor<D> {
  return fullLike(x, 1);
}
