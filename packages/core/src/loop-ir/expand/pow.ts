/**
 * x^y = exp(y log|x|) with the logarithm and the product in twice the working precision, because exp turns an absolute error of its
 * argument into a relative one. The special cases are C99's.
 */
import { binary, compare, unary } from "../build.ts";
import type { Expr } from "../types.ts";
import { absolute, type Arithmetic, arithmeticOf, type Double } from "./arithmetic.ts";
import { expOfDouble } from "./exp.ts";
import { atanhSeries, ln2Parts, splitPower } from "./log.ts";

/** log of a positive finite number: log m = 2s + s R(s^2) with s = (m-1)/(m+1) in two parts; relative error about 2^-30 or 2^-59. */
function doubleLog(a: Arithmetic, x: Expr): Double {
  const { m, e } = splitPower(a, x);
  const f = a.sub(m, 1);
  const g = a.twoSum(m, 1);
  const s = a.div(f, g.high);
  const back = a.twoProduct(s, g.high);
  const sLow = a.div(a.sub(a.sub(a.sub(f, back.high), back.low), a.mul(s, g.low)), g.high);
  const z = a.mul(s, s);
  const tail = a.mul(s, a.mul(z, a.poly(z, atanhSeries[a.type])));
  const sum = a.twoSum(a.mul(e, ln2Parts[a.type].high), a.add(s, s));
  const low = a.add(a.mul(e, ln2Parts[a.type].low), a.add(a.add(sLow, sLow), tail));
  return a.fastTwoSum(sum.high, a.add(sum.low, low));
}

/** At most 2 ulp in f32, relative error about 1e-15 in f64. */
export function expandPow(x: Expr, y: Expr): Expr {
  const a = arithmeticOf(x);
  const size = absolute(x);
  // From here on every power but those of 1 is 0 or infinite; the bound keeps products finite.
  const bound = a.type === "f32" ? 1099511627776 : 36893488147419103232;
  const exponent = a.atLeast(a.atMost(y, bound), -bound);
  const log = doubleLog(a, size);
  const product = a.twoProduct(exponent, log.high);
  const power = expOfDouble(a, {
    high: product.high,
    low: a.add(product.low, a.mul(exponent, log.low)),
  });

  const whole = compare("eq", unary("floor", y), y);
  const half = a.mul(y, 0.5);
  const odd = binary("and", whole, compare("ne", unary("floor", half), half));
  const negative = a.less(x, 0);
  const signed = a.select(binary("and", negative, odd), unary("neg", power), power);
  const real = a.select(binary("and", negative, unary("not", whole)), NaN, signed);
  // 0 and infinity have no logarithm; their power is the base or its inverse, with its sign if y is odd.
  const base = a.select(odd, x, size);
  const extreme = binary("or", a.equal(size, 0), a.equal(size, Infinity));
  const defined = a.select(extreme, a.select(a.less(0, y), base, a.div(1, base)), real);
  const known = a.select(binary("and", a.equal(x, x), a.equal(y, y)), defined, NaN);
  return a.select(binary("or", a.equal(y, 0), a.equal(x, 1)), 1, known);
}
