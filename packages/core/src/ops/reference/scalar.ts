/**
 * Scalar functions that reference implementations use. Only files of this folder may call the host's transcendental functions:
 * they differ between engines in the last bits, and what users run comes from our own code.
 */
export const { exp, expm1, log, log1p, tanh, sin, cos, asin, atan, asinh } = Math;

/** x^y as IEEE 754 has it: JavaScript says NaN where 1 to any power, and -1 to an infinite one, are 1. */
export function pow(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : Math.pow(x, y);
}

/** 1 / (1 + e^-x), without overflow. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + e^x), without overflow. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** The error function: Abramowitz & Stegun 7.1.6 (a series of positive terms) and, from 3 on, the continued fraction 7.1.14. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (a > 6) return Math.sign(x);
  const scale = Math.exp(-a * a) / Math.sqrt(Math.PI);
  if (a < 3) {
    let sum = 0;
    for (let term = a, n = 0; term > sum * 1e-17; n++, term *= (2 * a * a) / (2 * n + 1))
      sum += term;
    return Math.sign(x) * 2 * scale * sum;
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - scale / (a + fraction));
}

/** The nearest integer, halves to even. */
export function nearest(x: number): number {
  const whole = Math.floor(x);
  const rest = x - whole;
  if (rest < 0.5 || !Number.isFinite(x)) return whole;
  if (rest > 0.5 || whole % 2 !== 0) return Math.ceil(x);
  return whole;
}

/** Python's `%`: the remainder takes the divisor's sign. Integers: 0 when y is 0. */
export function integerMod(x: number, y: number): number {
  return y === 0 ? 0 : x - Math.floor(x / y) * y;
}

/** Python's `//` on integers; 0 when y is 0. */
export function integerFloorDiv(x: number, y: number): number {
  return y === 0 ? 0 : Math.floor(x / y);
}
