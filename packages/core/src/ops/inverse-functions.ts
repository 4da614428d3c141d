/** Inverses of trigonometric and hyperbolic functions. */
import type { DType } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as ir from "../loop-ir/build.ts";
import type { BinaryOp, Expr } from "../loop-ir/types.ts";
import { add, div, mul, neg, sqr, sqrt, sub } from "./arithmetic.ts";
import { floatUnary } from "./constructors.ts";
import { toFloat, type FloatOf } from "./operand.ts";
import * as reference from "./reference/scalar.ts";
import { log, log1p } from "./transcendental.ts";

const op =
  (name: BinaryOp) =>
  (x: Expr, y: Expr | number): Expr =>
    ir.binary(name, x, typeof y === "number" ? ir.literal(x.type, y) : y);
const [plus, minus, times, over] = [op("add"), op("sub"), op("mul"), op("div")];

/** Horner's rule, the highest coefficient first. */
function polynomial(x: Expr, coefficients: readonly number[]): Expr {
  const [first = 0, ...rest] = coefficients;
  return rest.reduce((sum, c) => plus(times(sum, x), c), ir.literal(x.type, first));
}

/** x + x z P(z) / Q(z), z = x^2, for |x| <= 0.66 (S. L. Moshier, Cephes, atan.c). */
const atanP = [
  -0.8750608600031904, -16.157537187333652, -75.00855792314705, -122.88666844901361,
  -64.85021904942025,
];
const atanQ = [
  1, 24.858464901423062, 165.02700983169885, 432.88106049129027, 485.3903996359137,
  194.5506571482614,
];

/** atan of a >= 0: arguments above tan(3 pi / 8) are turned by pi / 2, those above 0.66 by pi / 4. */
function atanOfPositive(a: Expr): Expr {
  const number = (x: number): Expr => ir.literal(a.type, x);
  const [large, middle] = [
    ir.compare("lt", number(2.414213562373095), a),
    ir.compare("lt", number(0.66), a),
  ];
  const pick = (x: Expr, y: Expr, z: Expr): Expr => ir.select(large, x, ir.select(middle, y, z));
  const reduced = pick(over(number(-1), a), over(minus(a, 1), plus(a, 1)), a);
  const z = times(reduced, reduced);
  const fraction = over(times(z, polynomial(z, atanP)), polynomial(z, atanQ));
  return plus(
    plus(times(reduced, fraction), reduced),
    pick(number(Math.PI / 2), number(Math.PI / 4), number(0)),
  );
}

/** The angle whose tangent is x, between -pi/2 and pi/2. */
export const arctan = floatUnary("arctan", {
  reference: reference.atan,
  scalar(x) {
    const turned = atanOfPositive(ir.unary("abs", x));
    return ir.select(ir.compare("lt", x, ir.literal(x.type, 0)), ir.unary("neg", turned), turned);
  },
  partials: (_, x) => [(t) => div(t, add(sqr(x), 1))],
  cost: "transcendental",
});

/** The angle whose sine is x, between -pi/2 and pi/2; NaN outside -1 .. 1. */
export const arcsin = floatUnary("arcsin", {
  reference: reference.asin,
  scalar(x) {
    const a = ir.unary("abs", x);
    const cosine = ir.unary("sqrt", times(minus(ir.literal(x.type, 1), a), plus(a, 1)));
    const half = atanOfPositive(over(a, plus(cosine, 1)));
    const angle = plus(half, half);
    return ir.select(ir.compare("lt", x, ir.literal(x.type, 0)), ir.unary("neg", angle), angle);
  },
  partials: (_, x) => [(t) => div(t, sqrt(mul(sub(1, x), add(x, 1))))],
  cost: "transcendental",
  safeInputs: [0],
});

/** The angle whose cosine is x, between 0 and pi; NaN outside -1 .. 1. */
export function arccos<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function arccos(x: Tensor): Tensor {
  return sub(Math.PI / 2, arcsin(x));
}

/** The inverse of sinh: log(x + sqrt(x^2 + 1)), exact near 0. */
export const arcsinh = floatUnary("arcsinh", {
  reference: reference.asinh,
  scalar(x) {
    const a = ir.unary("abs", x);
    const square = times(a, a);
    const small = ir.unary(
      "log1p",
      plus(a, over(square, plus(ir.unary("sqrt", plus(square, 1)), 1))),
    );
    const large = plus(ir.unary("log", a), Math.LN2);
    const value = ir.select(ir.compare("lt", ir.literal(x.type, 1e8), a), large, small);
    return ir.select(ir.compare("lt", x, ir.literal(x.type, 0)), ir.unary("neg", value), value);
  },
  partials: (_, x) => [(t) => div(t, sqrt(add(sqr(x), 1)))],
  cost: "transcendental",
});

/** The inverse of cosh, for x >= 1. */
export function arccosh<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function arccosh(x: Tensor): Tensor {
  const value = toFloat(x);
  return log(add(value, mul(sqrt(sub(value, 1)), sqrt(add(value, 1)))));
}

/** The inverse of tanh, for -1 < x < 1. */
export function arctanh<D extends DType>(x: Tensor<D>): Tensor<FloatOf<D>>;
export function arctanh(x: Tensor): Tensor {
  const value = toFloat(x);
  return mul(sub(log1p(value), log1p(neg(value))), 0.5);
}
