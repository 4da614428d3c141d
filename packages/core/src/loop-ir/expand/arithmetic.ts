/** Short names for arithmetic on expressions of one float type; numbers stand for constants of that type. */
import { binary, compare, literal, select, unary } from "../build.ts";
import type { Expr } from "../types.ts";
import { InternalError } from "../../errors/errors.ts";

export type FloatType = "f32" | "f64";
export type Operand = Expr | number;

/** A sum of two numbers, the second below the last place of the first: twice the precision. */
export interface Double {
  readonly high: Expr;
  readonly low: Expr;
}

export interface Arithmetic {
  readonly type: FloatType;
  add(x: Operand, y: Operand): Expr;
  sub(x: Operand, y: Operand): Expr;
  mul(x: Operand, y: Operand): Expr;
  div(x: Operand, y: Operand): Expr;
  less(x: Operand, y: Operand): Expr;
  equal(x: Operand, y: Operand): Expr;
  select(cond: Expr, x: Operand, y: Operand): Expr;
  /** c0 + x (c1 + x (c2 + ...)): one multiplication and one addition per step. */
  poly(x: Expr, coefs: readonly number[]): Expr;
  /** The smaller of x and `high`; NaN stays NaN. The form is that of WebAssembly's pmin, one instruction. */
  atMost(x: Expr, high: number): Expr;
  /** The larger of x and `low`; NaN stays NaN. The form is that of WebAssembly's pmax. */
  atLeast(x: Expr, low: number): Expr;
  /** x + y and its rounding error, exactly (Knuth). */
  twoSum(x: Operand, y: Operand): Double;
  /** The same for |x| >= |y| (Dekker). */
  fastTwoSum(x: Operand, y: Operand): Double;
  /** x * y and its rounding error, exactly, without a fused operation (Veltkamp, Dekker). */
  twoProduct(x: Expr, y: Expr): Double;
}

/** @throws INTERNAL when `x` is no float */
export function arithmeticOf(x: Expr): Arithmetic {
  if (x.type !== "f32" && x.type !== "f64")
    throw new InternalError(`an elementary function of ${x.type}`);
  return x.type === "f32" ? single : double;
}

function makeArithmetic(type: FloatType): Arithmetic {
  const constants = new Map<number, Expr>();
  const constant = (value: number): Expr => {
    if (Object.is(value, -0)) return literal(type, value);
    const known = constants.get(value) ?? literal(type, value);
    constants.set(value, known);
    return known;
  };
  const expr = (x: Operand): Expr => (typeof x === "number" ? constant(x) : x);
  const add = (x: Operand, y: Operand): Expr => binary("add", expr(x), expr(y));
  const sub = (x: Operand, y: Operand): Expr => binary("sub", expr(x), expr(y));
  const mul = (x: Operand, y: Operand): Expr => binary("mul", expr(x), expr(y));
  const less = (x: Operand, y: Operand): Expr => compare("lt", expr(x), expr(y));
  const choose = (cond: Expr, x: Operand, y: Operand): Expr => select(cond, expr(x), expr(y));
  const halves = (x: Expr): Double => {
    const spread = mul(x, type === "f32" ? 4097 : 134217729);
    const high = sub(spread, sub(spread, x));
    return { high, low: sub(x, high) };
  };
  return {
    type,
    add,
    sub,
    mul,
    less,
    div: (x, y) => binary("div", expr(x), expr(y)),
    equal: (x, y) => compare("eq", expr(x), expr(y)),
    select: choose,
    poly: (x, coefs) =>
      expr(
        coefs.reduceRight<Operand | undefined>(
          (inner, c) => (inner === undefined ? c : add(mul(inner, x), c)),
          undefined,
        ) ?? 0,
      ),
    atMost: (x, high) => choose(less(high, x), high, x),
    atLeast: (x, low) => choose(less(x, low), low, x),
    twoSum(x, y) {
      const high = add(x, y);
      const part = sub(high, x);
      return { high, low: add(sub(x, sub(high, part)), sub(y, part)) };
    },
    fastTwoSum(x, y) {
      const high = add(x, y);
      return { high, low: sub(y, sub(high, x)) };
    },
    twoProduct(x, y) {
      const high = mul(x, y);
      const [a, b] = [halves(x), halves(y)];
      const cross = add(
        add(sub(mul(a.high, b.high), high), mul(a.high, b.low)),
        mul(a.low, b.high),
      );
      return { high, low: add(cross, mul(a.low, b.low)) };
    },
  };
}

const single = makeArithmetic("f32");
const double = makeArithmetic("f64");

/** |x|. */
export const absolute = (x: Expr): Expr => unary("abs", x);
/** The nearest whole number, halves to even. */
export const nearest = (x: Expr): Expr => unary("nearest", x);
/** 2^n of a whole n. */
export const pow2 = (n: Expr): Expr => unary("pow2", n);
