/**
 * sin and cos: x = n pi/2 + r with pi/2 in four parts (Cody and Waite), then a polynomial of |r| <= pi/4 chosen by n mod 4.
 * Good for |x| < 2^13 pi/2 in f32 and 2^20 pi/2 in f64; beyond, the error grows, but results stay within [-1, 1].
 * f32 coefficients: Cephes `sinf` (S. Moshier); f64: fdlibm `k_sin.c`, `k_cos.c` and `e_rem_pio2.c` (Sun Microsystems).
 */
import { compare, unary } from "../build.ts";
import type { Expr } from "../types.ts";
import { absolute, type Arithmetic, arithmeticOf, nearest } from "./arithmetic.ts";

const quarterTurn = {
  f32: [1.5703125, 4.837512969970703e-4, 7.549533620476723e-8, 2.5633440682570896e-12],
  f64: [
    1.57079632673412561417, 6.0771005063039659766e-11, 2.0222662487111664558e-21,
    8.47842766036889956997e-32,
  ],
} as const;

const sinSeries = {
  f32: [-1.6666654611e-1, 8.3321608736e-3, -1.9515295891e-4],
  f64: [
    -1.66666666666666324348e-1, 8.33333333332248946124e-3, -1.98412698298579493134e-4,
    2.75573137070700676789e-6, -2.50507602534068634195e-8, 1.58969099521155010221e-10,
  ],
} as const;

const cosSeries = {
  f32: [4.166664568298827e-2, -1.388731625493765e-3, 2.443315711809948e-5],
  f64: [
    4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5,
    -2.75573143513906633035e-7, 2.0875723212981748279e-9, -1.13596475577881948265e-11,
  ],
} as const;

/** n and r; the bounds on r only matter for an x too large for the reduction, and where n rounds the other way. */
function reduce(a: Arithmetic, x: Expr): { readonly n: Expr; readonly r: Expr } {
  const n = nearest(a.mul(x, 0.6366197723675814));
  const r = quarterTurn[a.type].reduce((rest, part) => a.sub(rest, a.mul(n, part)), x);
  return { n, r: a.atLeast(a.atMost(r, 0.79), -0.79) };
}

/** sin(r + n pi/2). */
function quadrant(a: Arithmetic, n: Expr, r: Expr): Expr {
  const z = a.mul(r, r);
  const sine = a.add(r, a.mul(a.mul(r, z), a.poly(z, sinSeries[a.type])));
  const cosine = a.add(a.sub(1, a.mul(z, 0.5)), a.mul(a.mul(z, z), a.poly(z, cosSeries[a.type])));
  const half = unary("floor", a.mul(n, 0.5));
  const odd = a.less(a.add(half, half), n);
  const quarter = unary("floor", a.mul(half, 0.5));
  const negative = compare("ne", a.add(quarter, quarter), half);
  const value = a.select(odd, cosine, sine);
  return a.select(negative, unary("neg", value), value);
}

/** At most 2 ulp; sin(-0) = -0, sin(inf) = NaN. */
export function expandSin(x: Expr): Expr {
  const a = arithmeticOf(x);
  const { n, r } = reduce(a, x);
  return a.select(a.less(absolute(x), a.type === "f32" ? 1e-4 : 1e-8), x, quadrant(a, n, r));
}

/** At most 2 ulp; cos(inf) = NaN. */
export function expandCos(x: Expr): Expr {
  const a = arithmeticOf(x);
  const { n, r } = reduce(a, x);
  return quadrant(a, a.add(n, 1), r);
}
