/**
 * log and log1p: x = 2^e m with m in [sqrt(1/2), sqrt(2)), then a series in f = m - 1.
 * f32 follows Cephes `logf` (S. Moshier), f64 follows fdlibm `e_log.c` (Sun Microsystems); the coefficients are theirs.
 */
import { unary } from "../build.ts";
import type { Expr } from "../types.ts";
import { type Arithmetic, arithmeticOf } from "./arithmetic.ts";

/** ln 2 in two parts; the first has enough zero bits at its end for a product with an exponent to be exact. */
export const ln2Parts = {
  f32: { high: 0.693359375, low: -2.1219444e-4 },
  f64: { high: 6.9314718036912381649e-1, low: 1.90821492927058770002e-10 },
} as const;

/** Series of (log((1+s)/(1-s)) - 2s)/s in s^2, from fdlibm `e_logf.c` and `e_log.c`; s^2 times these. */
export const atanhSeries = {
  f32: [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
  f64: [
    6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1,
    2.222219843214978396e-1, 1.818357216161805012e-1, 1.531383769920937332e-1,
    1.479819860511658591e-1,
  ],
} as const;

const logf = [
  3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1,
  -1.2420140846e-1, 1.167699874e-1, -1.151461031e-1, 7.0376836292e-2,
];

const leastNormal = { f32: 1.1754943508222875e-38, f64: 2.2250738585072014e-308 };

/** x = 2^e m for a positive finite x, subnormal ones too; m in [sqrt(1/2), sqrt(2)). */
export function splitPower(a: Arithmetic, x: Expr): { readonly m: Expr; readonly e: Expr } {
  const [scale, shift] = a.type === "f32" ? [16777216, 24] : [18014398509481984, 54];
  const tiny = a.less(x, leastNormal[a.type]);
  const y = a.select(tiny, a.mul(x, scale), x);
  const [m, e] = [unary("mantissa", y), a.sub(unary("exponent", y), a.select(tiny, shift, 0))];
  const upper = a.less(Math.SQRT2, m);
  return { m: a.select(upper, a.mul(m, 0.5), m), e: a.select(upper, a.add(e, 1), e) };
}

/** The logarithm of a positive finite number. */
function positiveLog(a: Arithmetic, x: Expr): Expr {
  const { m, e } = splitPower(a, x);
  const { high, low } = ln2Parts[a.type];
  const f = a.sub(m, 1);
  const square = a.mul(f, f);
  const half = a.mul(square, 0.5);
  if (a.type === "f32") {
    const series = a.mul(a.mul(a.poly(f, logf), f), square);
    const rest = a.sub(a.add(series, a.mul(e, low)), half);
    return a.add(a.add(f, rest), a.mul(e, high));
  }
  const s = a.div(f, a.add(f, 2));
  const z = a.mul(s, s);
  const series = a.mul(a.poly(z, atanhSeries.f64), z);
  const rest = a.add(a.mul(s, a.add(half, series)), a.mul(e, low));
  return a.sub(a.mul(e, high), a.sub(a.sub(half, rest), f));
}

/** log(0) = -inf, log of a negative number and of NaN is NaN. At most 1 ulp in both types. */
export function expandLog(x: Expr): Expr {
  const a = arithmeticOf(x);
  const finite = a.select(a.less(x, Infinity), positiveLog(a, x), x);
  return a.select(a.less(0, x), finite, a.select(a.equal(x, 0), -Infinity, NaN));
}

/** log(u) with u = 1 + x rounded, less the relative rounding error of u (Kahan's correction). log1p(-0) = -0. */
export function expandLog1p(x: Expr): Expr {
  const a = arithmeticOf(x);
  const u = a.add(x, 1);
  const error = a.div(a.sub(a.sub(u, 1), x), u);
  const defined = a.select(a.equal(error, error), error, 0);
  return a.select(a.equal(x, 0), x, a.sub(expandLog(u), defined));
}
