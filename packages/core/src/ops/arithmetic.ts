/** Arithmetic that is elementwise and algebraic. Integers wrap; `//` and `%` are Python's. */
import type { NDArray } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import * as ir from "../loop-ir/build.ts";
import type { Expr } from "../loop-ir/types.ts";
import { zerosLike } from "./constant.ts";
import { binary, binaryOf, floatBinary, floatUnary, unary } from "./constructors.ts";
import { ge, gt, lt } from "./compare.ts";
import { mulOp } from "./elementwise.ts";
import { where } from "./logic.ts";
import type { Operand } from "./operand.ts";
import { integerFloorDiv, integerMod, nearest } from "./reference/scalar.ts";

const zero = (x: Expr): Expr => ir.literal(x.type, 0);
const one = (x: Expr): Expr => ir.literal(x.type, 1);

/** x + y; on booleans `or`. */
export const add = binary("add", {
  reference: (x, y) => x + y,
  scalar: (x, y) => ir.binary(x.type === "bool" ? "or" : "add", x, y),
  partials: () => [1, 1],
});

/** x - y */
export const sub = binary(
  "sub",
  {
    reference: (x, y) => x - y,
    scalar: (x, y) => ir.binary("sub", x, y),
    partials: () => [1, neg],
  },
  "noBool",
);

/** x * y; on booleans `and`. */
export const mul = binaryOf(mulOp);

/** x / y, floating also for integers. */
export const div = floatBinary("div", {
  reference: (x, y) => x / y,
  scalar: (x, y) => ir.binary("div", x, y),
  partials: (quotient, _, y) => [(t) => div(t, y), (t) => neg(div(mul(t, quotient), y))],
  safeInputs: [undefined, 1],
});

function integerByZero([, y]: readonly NDArray[]): string | undefined {
  return y?.dtype === "int32" && y.data.includes(0)
    ? "divides an integer by zero, which gives 0"
    : undefined;
}

/** The floor of x / y (Python's `//`); integers: 0 where y is 0. */
export const floorDiv = binary(
  "floorDiv",
  {
    reference: (x, y) => Math.floor(x / y),
    integer: integerFloorDiv,
    float32: (x, y) => Math.floor(Math.fround(x / y)),
    scalar: (x, y) => ir.binary("floorDiv", x, y),
    partials: () => [zerosLike, zerosLike],
    safeInputs: [undefined, 1],
    misuse: integerByZero,
  },
  "noBool",
);

/** x - floor(x / y) * y (Python's `%`): it has the sign of y; integers: 0 where y is 0. */
export const mod = binary(
  "mod",
  {
    reference: (x, y) => x - Math.floor(x / y) * y,
    integer: integerMod,
    float32: (x, y) => x - Math.fround(Math.floor(Math.fround(x / y)) * y),
    scalar: (x, y) => ir.binary("mod", x, y),
    partials: (_, x, y) => [1, (t) => neg(mul(t, floorDiv(x, y)))],
    safeInputs: [undefined, 1],
    misuse: integerByZero,
  },
  "noBool",
);

/** -x */
export const neg = unary(
  "neg",
  {
    reference: (x) => -x,
    scalar: (x) => ir.unary("neg", x),
    partials: () => [neg],
  },
  "noBool",
);

/** |x|; its derivative at 0 is 0. */
export const abs = unary(
  "abs",
  {
    reference: Math.abs,
    scalar: (x) => ir.unary("abs", x),
    partials: (_, x) => [sign(x)],
  },
  "noBool",
);

/** -1, 0 or 1. */
export const sign = unary(
  "sign",
  {
    reference: Math.sign,
    scalar: (x) =>
      ir.select(
        ir.compare("lt", zero(x), x),
        one(x),
        ir.select(ir.compare("lt", x, zero(x)), ir.literal(x.type, -1), x),
      ),
    partials: () => [zerosLike],
  },
  "noBool",
);

/** x * x */
export const sqr = unary(
  "sqr",
  {
    reference: (x) => x * x,
    integer: (x) => Math.imul(x, x),
    scalar: (x) => ir.binary("mul", x, x),
    partials: (_, x) => [mul(x, 2)],
  },
  "noBool",
);

/** The square root. */
export const sqrt = floatUnary("sqrt", {
  reference: Math.sqrt,
  scalar: (x) => ir.unary("sqrt", x),
  partials: (root) => [(t) => div(mul(t, 0.5), root)],
  safeInputs: [1],
});

/** 1 / x */
export const reciprocal = floatUnary("reciprocal", {
  reference: (x) => 1 / x,
  scalar: (x) => ir.binary("div", one(x), x),
  partials: (inverse) => [(t) => neg(mul(t, sqr(inverse)))],
  safeInputs: [1],
});

/** The greatest integer not above x. */
export const floor = floatUnary("floor", {
  reference: Math.floor,
  scalar: (x) => ir.unary("floor", x),
  partials: () => [zerosLike],
});

/** The least integer not below x. */
export const ceil = floatUnary("ceil", {
  reference: Math.ceil,
  scalar: (x) => ir.unary("ceil", x),
  partials: () => [zerosLike],
});

/** The nearest integer, halves to even. */
export const round = floatUnary("round", {
  reference: nearest,
  scalar: (x) => ir.unary("nearest", x),
  partials: () => [zerosLike],
});

/** The greater of two; at a tie all gradient goes to the first. NaN wins. */
export const maximum = binary("maximum", {
  reference: Math.max,
  scalar: (x, y) => ir.binary(x.type === "bool" ? "or" : "max", x, y),
  partials: (_, x, y) => [(t) => where(ge(x, y), t, 0), (t) => where(lt(x, y), t, 0)],
});

/** The smaller of two; at a tie all gradient goes to the first. NaN wins. */
export const minimum = binary("minimum", {
  reference: Math.min,
  scalar: (x, y) => ir.binary(x.type === "bool" ? "and" : "min", x, y),
  partials: (_, x, y) => [(t) => where(ge(y, x), t, 0), (t) => where(gt(x, y), t, 0)],
});

/** `x` held between `low` and `high`; at both bounds the gradient passes. */
export function clip<D extends "float32" | "float64" | "int32">(
  x: Tensor<D>,
  low: Operand,
  high: Operand,
): Tensor<D>;
export function clip(x: Operand, low: Operand, high: Operand): Tensor;
export function clip(x: Operand, low: Operand, high: Operand): Tensor {
  return minimum(maximum(x, low), high);
}
