/** Exponentials, logarithms and what neural networks make of them. */
import type { DType } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as ir from "../loop-ir/build.ts";
import type { Expr, UnaryOp } from "../loop-ir/types.ts";
import { add, clip, div, minimum, mul, neg, sqr, sub } from "./arithmetic.ts";
import { eq, gt } from "./compare.ts";
import { floatUnary, type FloatUnary } from "./constructors.ts";
import type { ElementwiseSpec, Partial } from "./elementwise.ts";
import { where } from "./logic.ts";
import { toFloat, type FloatOf, type Operand } from "./operand.ts";
import * as reference from "./reference/scalar.ts";

function transcendental(
  name: UnaryOp,
  onNumbers: (x: number) => number,
  partial: (y: Tensor, x: Tensor) => Partial,
  safeInputs?: ElementwiseSpec["safeInputs"],
): FloatUnary {
  return floatUnary(name, {
    reference: onNumbers,
    scalar: (x) => ir.unary(name, x),
    partials: (y, x) => [partial(y, x)],
    cost: "transcendental",
    ...(safeInputs === undefined ? {} : { safeInputs }),
  });
}

/** e^x */
export const exp = transcendental("exp", reference.exp, (y) => y, [0]);

/** e^x - 1, exact near 0. */
export const expm1 = transcendental("expm1", reference.expm1, (y) => add(y, 1), [0]);

/** The natural logarithm. */
export const log = transcendental("log", reference.log, (_, x) => (t) => div(t, x), [1]);

/** log(1 + x), exact near 0. */
export const log1p = transcendental(
  "log1p",
  reference.log1p,
  (_, x) => (t) => div(t, add(x, 1)),
  [0],
);

/** The hyperbolic tangent. */
export const tanh = transcendental("tanh", reference.tanh, (y) => sub(1, sqr(y)));

/** The logistic function 1 / (1 + e^-x). */
export const sigmoid = transcendental("sigmoid", reference.sigmoid, (y) => mul(y, sub(1, y)));

/** The error function. */
export const erf = transcendental("erf", reference.erf, (_, x) =>
  mul(exp(neg(sqr(x))), 2 / Math.sqrt(Math.PI)),
);

/** The sine of an angle in radians: within 2 ulp up to 10^4; beyond, take the angle modulo 2 pi first, for precision is lost. */
export const sin: FloatUnary = transcendental("sin", reference.sin, (_, x) => cos(x));

/** The cosine of an angle in radians, as precise as `sin`. */
export const cos: FloatUnary = transcendental("cos", reference.cos, (_, x) => neg(sin(x)));

/** log(1 + e^x), without overflow. */
export const softplus = floatUnary("softplus", {
  reference: reference.softplus,
  scalar(x) {
    const small = ir.unary("exp", ir.unary("neg", ir.unary("abs", x)));
    return ir.binary("add", positive(x), ir.unary("log1p", small));
  },
  partials: (_, x) => [sigmoid(x)],
  cost: "transcendental",
});

function positive(x: Expr): Expr {
  return ir.binary("max", x, ir.literal(x.type, 0));
}

/** max(x, 0); its derivative at 0 is 0.5, as in Theano. */
export const relu = floatUnary("relu", {
  reference: (x) => Math.max(x, 0),
  scalar: positive,
  partials: (_, x) => [(t) => where(gt(x, 0), t, where(eq(x, 0), mul(t, 0.5), 0))],
});

/** x above 0, slope * x below; at 0 the derivative is the mean of both, as in Theano. */
export function leakyRelu<D extends DType>(x: Tensor<D>, slope?: Operand): Tensor<FloatOf<D>>;
export function leakyRelu(x: Tensor, slope: Operand = 0.01): Tensor {
  return sub(relu(x), mul(relu(neg(toFloat(x))), slope));
}

/** x above 0, scale * (e^x - 1) below (Clevert et al. 2015). */
export function elu<D extends DType>(x: Tensor<D>, scale?: Operand): Tensor<FloatOf<D>>;
export function elu(x: Tensor, scale: Operand = 1): Tensor {
  const value = toFloat(x);
  return where(gt(value, 0), value, mul(expm1(minimum(value, 0)), scale));
}

/** A sigmoid of straight lines: 0.2 x + 0.5 between 0 and 1. */
export function hardSigmoid<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function hardSigmoid(x: Tensor): Tensor {
  return clip(add(mul(toFloat(x), 0.2), 0.5), 0, 1);
}

/** The tangent of an angle in radians. */
export function tan<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function tan(x: Tensor): Tensor {
  return div(sin(x), cos(x));
}

/** The hyperbolic sine, exact near 0 and far from it. */
export function sinh<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function sinh(x: Tensor): Tensor {
  const value = toFloat(x);
  return mul(sub(expm1(value), expm1(neg(value))), 0.5);
}

/** The hyperbolic cosine. */
export function cosh<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function cosh(x: Tensor): Tensor {
  return mul(add(exp(x), exp(neg(toFloat(x)))), 0.5);
}

/** The logarithm to base 2. */
export function log2<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function log2(x: Tensor): Tensor {
  return mul(log(x), Math.LOG2E);
}

/** The logarithm to base 10. */
export function log10<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function log10(x: Tensor): Tensor {
  return mul(log(x), Math.LOG10E);
}

/** 2^x */
export function exp2<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function exp2(x: Tensor): Tensor {
  return exp(mul(toFloat(x), Math.LN2));
}
