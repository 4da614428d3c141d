/** Logic (bitwise on int32) and selection. */
import type { DType, Promote } from "../graph/dtype.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as ir from "../loop-ir/build.ts";
import { cast } from "./cast.ts";
import { zerosLike } from "./constant.ts";
import { binary, unary } from "./constructors.ts";
import { elementwise, noGradient } from "./elementwise.ts";
import { asTensor, commonDType, toTensor, type Operand, type WithNumber } from "./operand.ts";

/** Both; bitwise on int32. */
export const and = binary(
  "and",
  {
    reference: (x, y) => x & y,
    scalar: (x, y) => ir.binary(x.type === "bool" ? "and" : "bitAnd", x, y),
    partials: noGradient,
  },
  "noFloat",
);

/** Either; bitwise on int32. */
export const or = binary(
  "or",
  {
    reference: (x, y) => x | y,
    scalar: (x, y) => ir.binary(x.type === "bool" ? "or" : "bitOr", x, y),
    partials: noGradient,
  },
  "noFloat",
);

/** One of both; bitwise on int32. */
export const xor = binary(
  "xor",
  {
    reference: (x, y) => x ^ y,
    scalar: (x, y) => ir.binary(x.type === "bool" ? "xor" : "bitXor", x, y),
    partials: noGradient,
  },
  "noFloat",
);

const notBool = unary("not", {
  reference: (x) => 1 - x,
  scalar: (x) => ir.unary("not", x),
  partials: noGradient,
});

/** The opposite; all bits flipped on int32. @throws DTypeError OPERAND_DTYPE on floats */
export function not<D extends DType>(x: Tensor<D>): Tensor<D>;
export function not(x: Operand): Tensor {
  const tensor = asTensor(x, "bool");
  return tensor.dtype === "bool" ? notBool(tensor) : xor(tensor, -1);
}

/** `x` as a condition: bool, or `x != 0`. */
function toCondition(x: Operand): Tensor<"bool"> {
  return cast(asTensor(x, "bool"), "bool");
}

/** cond ? x : y, elementwise. Gradients are selected, never multiplied: what is not chosen may be NaN. */
export const whereOp = elementwise("where", {
  reference: (cond, x, y) => (cond === 0 ? y : x),
  scalar: (cond, x, y) => ir.select(cond, x, y),
  partials: (_, cond) => [
    undefined,
    (t) => pick(cond, t, zerosLike(t)),
    (t) => pick(cond, zerosLike(t), t),
  ],
});

function pick(cond: Tensor, x: Tensor, y: Tensor): Tensor {
  return applyOne(whereOp, [cond, x, y], null);
}

/** `x` where `cond`, else `y` (Theano's switch), with broadcasting; `cond` may be anything that is compared with 0. */
export function where<D extends DType, E extends DType>(
  cond: Operand,
  x: Tensor<D>,
  y: Tensor<E>,
): Tensor<Promote<D, E>>;
export function where<D extends DType>(
  cond: Operand,
  x: Tensor<D>,
  y: number,
): Tensor<WithNumber<D>>;
export function where<D extends DType>(
  cond: Operand,
  x: number,
  y: Tensor<D>,
): Tensor<WithNumber<D>>;
export function where(cond: Operand, x: Operand, y: Operand): Tensor;
export function where(cond: Operand, x: Operand, y: Operand): Tensor {
  const dtype = commonDType([x, y]);
  return pick(toCondition(cond), toTensor(x, dtype), toTensor(y, dtype));
}
