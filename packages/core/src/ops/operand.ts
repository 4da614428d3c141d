/** What users may write where a tensor is expected, and the dtype in which operands meet. */
import { DTypeError } from "../errors/errors.ts";
import { isFloating, promote, type DType } from "../graph/dtype.ts";
import { flattenNested, NDArray, type Nested } from "../graph/ndarray.ts";
import { Tensor } from "../graph/tensor.ts";
import { cast } from "./cast.ts";
import { constant } from "./constant.ts";
import { describeTyped } from "./shape.ts";

/** A tensor, a number, nested arrays of numbers, or an NDArray. Numbers and nested arrays take the dtype of their partners. */
export type Operand = Tensor | Nested | NDArray;

/** The floating dtype in which an operation on D computes. */
export type FloatOf<D extends DType> = D extends "float64" ? "float64" : "float32";

/** The dtype of D mixed with a number; a fraction makes integers float32, which types cannot see. */
export type WithNumber<D extends DType> = D extends "bool" ? "int32" : D;

/** The least dtype that holds these numbers: they never change a floating dtype. */
function numberDType(value: Nested): DType {
  let dtype: DType = "bool";
  if (typeof value === "boolean") return dtype;
  for (const x of flattenNested(value))
    dtype = promote(dtype, Number.isInteger(x) && Math.abs(x) <= 0x7fffffff ? "int32" : "float32");
  return dtype;
}

/**
 * The dtype in which operands meet: the highest of the tensors'; numbers raise it only from integers to float32.
 * Without any tensor it is float32.
 */
export function commonDType(operands: readonly Operand[]): DType {
  const typed = operands.filter((x) => x instanceof Tensor || x instanceof NDArray);
  if (typed.length === 0) return "float32";
  const dtype = typed.map((x): DType => x.dtype).reduce(promote);
  if (isFloating(dtype)) return dtype;
  return operands.reduce(
    (found: DType, x) =>
      x instanceof Tensor || x instanceof NDArray ? found : promote(found, numberDType(x)),
    dtype,
  );
}

/** The operand as a tensor of `dtype`. */
export function toTensor(x: Operand, dtype: DType): Tensor {
  return x instanceof Tensor ? cast(x, dtype) : constant<DType>(x, dtype);
}

/** The operand as a tensor; numbers become `dtype`, tensors keep theirs. */
export function asTensor(x: Operand, dtype: DType = "float32"): Tensor {
  if (x instanceof Tensor) return x;
  return x instanceof NDArray ? constant(x) : constant(x, dtype);
}

const isInt32 = (x: number): boolean => Number.isInteger(x) && x >= -0x80000000 && x < 0x80000000;

/** `x` when it is int32 or bool, as int32. Numbers must be such, so that none is rounded or wraps in silence. @throws DTypeError NOT_INTEGER */
export function toInteger(op: string, x: Operand): Tensor {
  const wrong = typeof x === "number" && !isInt32(x) ? x : undefined;
  if (wrong !== undefined)
    throw new DTypeError("NOT_INTEGER", `${op}: ${wrong} is no int32`, {
      hint: "give a whole number from -2147483648 to 2147483647",
    });
  const tensor = asTensor(x, "int32");
  if (!isFloating(tensor.dtype)) return cast(tensor, "int32");
  throw new DTypeError("NOT_INTEGER", `${op}: ${describeTyped(tensor)} must be int32`, {
    hint: 'convert it: cast(x, "int32")',
  });
}

/** The operand as a floating tensor: integers become float32. */
export function toFloat(x: Operand): Tensor {
  const tensor = asTensor(x);
  return isFloating(tensor.dtype) ? tensor : cast(tensor, "float32");
}
