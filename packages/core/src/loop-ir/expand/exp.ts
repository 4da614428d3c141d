/**
 * exp, expm1, tanh and sigmoid: x = n ln 2 + r with |r| <= ln(2)/2, exp(r) = 1 + r + r^2 q(r), and 2^n made from bits.
 * q minimises the largest error of r + r^2 q(r) against expm1(r), by exchange on that interval.
 */
import type { Expr } from "../types.ts";
import {
  absolute,
  type Arithmetic,
  arithmeticOf,
  type Double,
  nearest,
  pow2,
} from "./arithmetic.ts";
import { ln2Parts } from "./log.ts";

const inverseLn2 = 1.4426950408889634;

const q = {
  f32: [
    0.4999999701976776, 0.1666654348373413, 0.04166720062494278, 0.008366548456251621,
    0.0013882518978789449,
  ],
  f64: [
    0.5000000000000011, 0.1666666666666641, 0.041666666666529725, 0.008333333333494987,
    0.001388888894376021, 0.0001984126950575086, 2.4801492949464002e-5, 2.7557586826452504e-6,
    2.763030629230573e-7, 2.5000011208804933e-8,
  ],
} as const;

/** Where exp is 0 or infinite beyond. */
const range = { f32: { low: -104, high: 89 }, f64: { low: -746, high: 710 } } as const;

interface Reduced {
  readonly n: Expr;
  readonly r: Expr;
}

const clamp = (a: Arithmetic, x: Expr, low: number, high: number): Expr =>
  a.atLeast(a.atMost(x, high), low);

/** n and r of x: 6 operations. */
function reduce(a: Arithmetic, x: Expr): Reduced {
  const n = nearest(a.mul(x, inverseLn2));
  const { high, low } = ln2Parts[a.type];
  return { n, r: a.sub(a.sub(x, a.mul(n, high)), a.mul(n, low)) };
}

/** r^2 q(r): 10 operations in f32, 20 in f64. */
const curve = (a: Arithmetic, r: Expr): Expr => a.mul(a.mul(r, r), a.poly(r, q[a.type]));

/** 2^n (1 + r + r^2 q) in two factors, so that neither a large nor a subnormal result is lost. */
function scaled(a: Arithmetic, { n, r }: Reduced): Expr {
  const significand = a.add(a.add(curve(a, r), r), 1);
  const below = a.less(n, 0);
  const shift = a.type === "f32" ? 32 : 64;
  const [move, undo] = [
    a.select(below, shift, -1),
    a.select(below, a.type === "f32" ? 2.3283064365386963e-10 : 5.421010862427522e-20, 2),
  ];
  return a.mul(a.mul(significand, pow2(a.add(n, move))), undo);
}

/** At most 1 ulp, subnormal results included. In f32 27 operations, 2^n counted as one. */
export function expandExp(x: Expr): Expr {
  const a = arithmeticOf(x);
  const { low, high } = range[a.type];
  return scaled(a, reduce(a, clamp(a, x, low, high)));
}

/** exp(high + low). */
export function expOfDouble(a: Arithmetic, x: Double): Expr {
  const { low, high } = range[a.type];
  const main = clamp(a, x.high, low, high);
  const { n, r } = reduce(a, main);
  return scaled(a, { n, r: a.add(r, a.select(a.equal(main, x.high), x.low, 0)) });
}

/** exp(-x) for 0 <= x <= 64, where 2^n needs no care. */
export function expOfNegative(a: Arithmetic, x: Expr): Expr {
  const { n, r } = reduce(a, a.sub(0, x));
  return a.mul(a.add(a.add(curve(a, r), r), 1), pow2(n));
}

/** 2 (2^(n-1) expm1(r) + (2^(n-1) - 1/2)): no cancellation, no early overflow. At most 2 ulp; expm1(-0) = -0. */
export function expandExpm1(x: Expr): Expr {
  const a = arithmeticOf(x);
  const { n, r } = reduce(a, clamp(a, x, a.type === "f32" ? -40 : -60, range[a.type].high));
  const scale = pow2(a.sub(n, 1));
  const half = a.add(a.mul(scale, a.add(curve(a, r), r)), a.sub(scale, 0.5));
  return a.select(a.less(absolute(x), a.type === "f32" ? 3e-8 : 5e-17), x, a.add(half, half));
}

/**
 * expm1(2x) / (expm1(2x) + 2): right near 0, and damped where tanh nears 1. In f32 26 operations with one division, 2^n counted as
 * one; ln 2 in one part, because n is small and the float nearest to ln 2 errs by 2^-29 only. tanh(-0) = -0. At most 2.7 ulp in f32.
 */
export function expandTanh(x: Expr): Expr {
  const a = arithmeticOf(x);
  const y =
    a.type === "f32" ? clamp(a, a.add(x, x), -18.04, 18.04) : clamp(a, a.add(x, x), -40, 40);
  const { n, r } = a.type === "f32" ? reduceShort(a, y) : reduce(a, y);
  const scale = pow2(n);
  const e = a.add(a.mul(scale, a.add(curve(a, r), r)), a.sub(scale, 1));
  return a.select(a.equal(x, 0), x, a.div(e, a.add(e, 2)));
}

function reduceShort(a: Arithmetic, x: Expr): Reduced {
  const n = nearest(a.mul(x, inverseLn2));
  return { n, r: a.sub(x, a.mul(n, 0.6931471805599453)) };
}

/**
 * 1 / (1 + exp(-x)), of full relative precision also where it is small; 0 where exp(-x) overflows. In f32 24 operations with one
 * division, 2^n counted as one: the signs of -x go into the constants. At most 2.5 ulp in f32.
 */
export function expandSigmoid(x: Expr): Expr {
  const a = arithmeticOf(x);
  const { high, low } = ln2Parts[a.type];
  const bound = range[a.type].high;
  const y = clamp(a, x, -bound, bound);
  const n = nearest(a.mul(y, -inverseLn2));
  const minusR = a.add(a.add(y, a.mul(n, high)), a.mul(n, low));
  const series = a.poly(
    minusR,
    q[a.type].map((c, i) => (i % 2 === 0 ? c : -c)),
  );
  const significand = a.add(a.sub(a.mul(a.mul(minusR, minusR), series), minusR), 1);
  return a.div(1, a.add(a.mul(significand, pow2(n)), 1));
}
