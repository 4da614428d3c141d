/** Powers. Whole constant exponents become squarings in the graph: x^16 is four, and so are its derivatives' factors. */
import { isFloating, type DType } from "../graph/dtype.ts";
import { Tensor } from "../graph/tensor.ts";
import * as ir from "../loop-ir/build.ts";
import { mul, reciprocal, sqr, sqrt, sub } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { eq } from "./compare.ts";
import { onesLike } from "./constant.ts";
import { floatBinary } from "./constructors.ts";
import { where } from "./logic.ts";
import { asTensor, type Operand, type WithNumber } from "./operand.ts";
import { pow as referencePow } from "./reference/scalar.ts";
import { log } from "./transcendental.ts";

/** x^y for floating x and y; NaN for x < 0 with a fraction y. */
export const powOp = floatBinary("pow", {
  reference: referencePow,
  scalar: (x, y) => ir.binary("pow", x, y),
  partials: (power, x, y) => [
    (t) => mul(t, where(eq(y, 0), 0, mul(y, powOp(x, where(eq(y, 0), 1, sub(y, 1)))))),
    (t) => mul(t, mul(log(where(eq(x, 0), 1, x)), power)),
  ],
  cost: "transcendental",
  safeInputs: [1, 1],
});

/** The greatest exponent that is written as squarings. */
const mostSquared = 4096;

function wholePower(x: Tensor, exponent: number): Tensor {
  let power: Tensor | undefined;
  let square = x;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = power === undefined ? square : mul(power, square);
    if (rest > 1) square = sqr(square);
  }
  return power ?? onesLike(x);
}

/**
 * x to the power y. A number as exponent: whole ones by repeated squaring (integers stay integers unless y < 0), 0.5 by sqrt.
 * Two tensors: floating.
 */
export function pow<D extends DType>(x: Tensor<D>, y: number): Tensor<WithNumber<D>>;
export function pow(x: Operand, y: Operand): Tensor;
export function pow(x: Operand, y: Operand): Tensor {
  if (typeof y !== "number" || !(x instanceof Tensor)) return powOp(x, y);
  const base = x.dtype === "bool" ? cast(x, "int32") : asTensor(x);
  if (Number.isInteger(y) && Math.abs(y) <= mostSquared) {
    const power = wholePower(
      y < 0 && !isFloating(base.dtype) ? cast(base, "float32") : base,
      Math.abs(y),
    );
    return y < 0 ? reciprocal(power) : power;
  }
  return y === 0.5 ? sqrt(base) : powOp(base, y);
}
