import { describe, expect, test } from "vitest";
import { scalarFunction, scalarPow } from "../../src/loop-ir/scalar-function.ts";
import { powers, references } from "./reference-values.ts";

const ops = ["exp", "log", "log1p", "expm1", "tanh", "sigmoid", "erf", "sin", "cos"] as const;
type Op = (typeof ops)[number];

/** The largest error in units of the last place (f32) that we promise, and the range where. */
const single: Readonly<
  Record<Op, { readonly ulps: number; readonly from: number; readonly to: number }>
> = {
  exp: { ulps: 1.1, from: -87.3, to: 88.7 },
  log: { ulps: 1.1, from: 1e-37, to: 1e38 },
  log1p: { ulps: 1.5, from: -0.9999, to: 1e38 },
  expm1: { ulps: 2, from: -40, to: 88.7 },
  tanh: { ulps: 2.7, from: -12, to: 12 },
  sigmoid: { ulps: 2.5, from: -86, to: 40 },
  erf: { ulps: 3, from: -5, to: 5 },
  sin: { ulps: 2, from: -10000, to: 10000 },
  cos: { ulps: 2, from: -10000, to: 10000 },
};

const exact: Readonly<Record<Op, (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  expm1: Math.expm1,
  tanh: Math.tanh,
  sin: Math.sin,
  cos: Math.cos,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf: scalarFunction("erf", "f64"),
};

const ulp = (x: number): number =>
  2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 1.1754943508222875e-38))) - 23);

/** Points spread over [from, to], half of them by magnitude. */
function* points(from: number, to: number, n: number): Generator<number> {
  for (let i = 0; i < n; i++) {
    const u = (i * 0.6180339887498949) % 1;
    if (i % 2 === 0 && Math.max(Math.abs(from), to) < 1e6)
      yield Math.fround(from + (to - from) * u);
    else {
      const end = i % 4 === 1 || from >= 0 ? to : from;
      const low = Math.max(from, 1e-6);
      yield Math.fround(Math.sign(end) * low * (Math.abs(end) / low) ** u);
    }
  }
}

describe.each(ops)("%s", (op) => {
  test("float32 stays within its bound", () => {
    const { ulps, from, to } = single[op];
    const f = scalarFunction(op, "f32");
    let worst = 0;
    let at = 0;
    for (const x of points(from, to, 40000)) {
      const wanted = exact[op](x);
      const error = Math.abs(f(x) - wanted) / ulp(wanted);
      if (!(error <= worst)) [worst, at] = [error, x];
    }
    expect(worst, `at ${at}`).toBeLessThan(ulps);
  });

  test("float64 agrees with forty-digit references", () => {
    const f = scalarFunction(op, "f64");
    for (const [x, y] of references[op] ?? [])
      expect(Math.abs(f(x) - y) / Math.abs(y), `${op}(${x}) = ${f(x)}`).toBeLessThan(1.5e-15);
  });

  test("float32 agrees with the same references", () => {
    const f = scalarFunction(op, "f32");
    for (const [x, y] of references[op] ?? [])
      expect(Math.abs(f(x) - y) / ulp(y), `${op}(${x}) = ${f(x)}`).toBeLessThan(single[op].ulps);
  });
});

test("float64 agrees with the host over wide ranges", () => {
  for (const op of ops) {
    if (op === "erf") continue;
    const f = scalarFunction(op, "f64");
    const { from, to } = single[op];
    for (const x of points(from, to, 4000)) {
      const wanted = exact[op](x);
      expect(Math.abs(f(x) - wanted), `${op}(${x})`).toBeLessThanOrEqual(
        1e-15 * Math.abs(wanted) + (op === "sin" || op === "cos" ? 1e-20 : 0),
      );
    }
  }
});

test("pow of float64 and float32 agrees with forty-digit references", () => {
  for (const [x, y, power] of powers) {
    expect(Math.abs(scalarPow("f64")(x, y) - power) / power, `${x}^${y}`).toBeLessThan(3e-15);
    if (power < 3e38 && power > 1.2e-38)
      expect(Math.abs(scalarPow("f32")(x, y) - power) / ulp(power), `${x}^${y}`).toBeLessThan(2);
  }
});

test("pow has the special values of C99", () => {
  const values = [0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, Infinity, -Infinity, NaN];
  for (const type of ["f32", "f64"] as const)
    for (const x of values)
      for (const y of values) {
        const wanted = x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y;
        const got = scalarPow(type)(x, y);
        if (Number.isFinite(wanted) && wanted !== 0)
          expect(got / wanted, `${x}^${y}`).toBeCloseTo(1, type === "f32" ? 6 : 14);
        else expect(got, `${type} ${x}^${y}`).toBe(wanted);
      }
});

test.each(["f32", "f64"] as const)("special values of %s", (type) => {
  const table: Readonly<Record<Op, readonly (readonly [number, number])[]>> = {
    exp: [
      [0, 1],
      [-0, 1],
      [Infinity, Infinity],
      [-Infinity, 0],
      [1e30, Infinity],
      [-1e30, 0],
      [-1000, 0],
    ],
    log: [
      [0, -Infinity],
      [-0, -Infinity],
      [1, 0],
      [-1, NaN],
      [Infinity, Infinity],
      [-Infinity, NaN],
    ],
    log1p: [
      [0, 0],
      [-0, -0],
      [-1, -Infinity],
      [-2, NaN],
      [Infinity, Infinity],
      [-Infinity, NaN],
    ],
    expm1: [
      [0, 0],
      [-0, -0],
      [Infinity, Infinity],
      [-Infinity, -1],
      [-100, -1],
      [1000, Infinity],
    ],
    tanh: [
      [0, 0],
      [-0, -0],
      [Infinity, 1],
      [-Infinity, -1],
      [1e30, 1],
      [-1e30, -1],
      [50, 1],
    ],
    sigmoid: [
      [0, 0.5],
      [Infinity, 1],
      [-Infinity, 0],
      [1e30, 1],
      [-1e30, 0],
    ],
    erf: [
      [0, 0],
      [-0, -0],
      [Infinity, 1],
      [-Infinity, -1],
      [7, 1],
    ],
    sin: [
      [0, 0],
      [-0, -0],
      [Infinity, NaN],
      [-Infinity, NaN],
    ],
    cos: [
      [0, 1],
      [-0, 1],
      [Infinity, NaN],
    ],
  };
  for (const op of ops) {
    for (const [x, y] of table[op]) expect(scalarFunction(op, type)(x), `${op}(${x})`).toBe(y);
    expect(scalarFunction(op, type)(NaN), `${op}(NaN)`).toBeNaN();
  }
});

test("subnormal numbers go through, and large arguments keep sines in bounds", () => {
  const tiny = 2 ** -140;
  for (const op of ["tanh", "expm1", "log1p", "sin"] as const)
    expect(scalarFunction(op, "f32")(-tiny)).toBe(-tiny);
  expect(scalarFunction("log", "f32")(tiny)).toBeCloseTo(Math.log(tiny), 4);
  expect(scalarFunction("log", "f64")(5e-324)).toBeCloseTo(Math.log(5e-324), 11);
  expect(scalarFunction("exp", "f64")(-740)).toBe(Math.exp(-740));
  expect(Math.abs(scalarFunction("exp", "f32")(-100) - Math.exp(-100))).toBeLessThan(2 ** -149);
  for (const x of [1e10, 1e30, 3e38])
    for (const op of ["sin", "cos"] as const)
      expect(Math.abs(scalarFunction(op, "f32")(x))).toBeLessThanOrEqual(1);
});

test("tanh never leaves [-1, 1]", () => {
  const f = scalarFunction("tanh", "f32");
  for (let x = 7; x < 10; x += 1 / 4096) expect(Math.max(f(x), -f(-x))).toBeLessThanOrEqual(1);
});

test("results are single precision, and the argument is rounded first", () => {
  const f = scalarFunction("exp", "f32");
  expect(f(0.1)).toBe(Math.fround(f(0.1)));
  expect(f(0.1)).toBe(f(Math.fround(0.1)));
});
