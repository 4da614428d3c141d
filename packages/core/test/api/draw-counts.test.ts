/** Draws from keys: how often what comes, the same bits however computed, and what is refused. */
import { describe, expect, test } from "vitest";
import { arange, compile, scan, stepResult, zeros } from "../../src/index.ts";
import {
  bernoulli,
  foldIn,
  key,
  normal,
  randint,
  randomBits,
  randomStream,
  split,
  uniform,
} from "../../src/random.ts";
import { chiSquare, countsOf, valuesOf } from "./same-bits.ts";
import { message, refusal } from "./refusal.ts";

const n = 16_000;
const even = (count: number, cells: number): number[] =>
  Array.from({ length: cells }, () => count / cells);
// The 99.9th percentiles of chi-square by degrees of freedom.
const limit = { 1: 10.83, 5: 20.52, 7: 24.32, 15: 37.7 } as const;

describe("how often what comes", () => {
  test.each(["float32", "float64"] as const)(
    "uniform and normal in %s fill bins evenly",
    async (dtype) => {
      const u = await valuesOf(uniform(key(21), [n], { dtype }));
      const sixteenths = u.map((x) => Math.floor(16 * x));
      expect(chiSquare(countsOf(sixteenths, 16), even(n, 16))).toBeLessThan(limit[15]);
      const drawn = normal(key(22), [n], { mean: 2, deviation: 3, dtype });
      const z = await valuesOf(drawn, {}, {}, dtype === "float32" ? 1e-5 : 1e-13);
      // Between these lie eight equal parts of the standard normal distribution.
      const bounds = [-1.15035, -0.67449, -0.31864, 0, 0.31864, 0.67449, 1.15035];
      const parts = z.map((x) => bounds.filter((bound) => (x - 2) / 3 > bound).length);
      expect(chiSquare(countsOf(parts, 8), even(n, 8))).toBeLessThan(limit[7]);
    },
  );
  test("randint and bernoulli", async () => {
    const dice = (await valuesOf(randint(key(23), 1, 7, [n]))).map((x) => x - 1);
    expect(chiSquare(countsOf(dice, 6), even(n, 6))).toBeLessThan(limit[5]);
    const heads = await valuesOf(bernoulli(key(24), 0.3, [n]));
    expect(chiSquare(countsOf(heads, 2), [0.7 * n, 0.3 * n])).toBeLessThan(limit[1]);
  });
  test("rows of split keys, of folded ones and of the steps of a stream do not depend on each other", async () => {
    const stream = randomStream(3);
    const steps = scan(() => stepResult(stream.uniform([4]), { updates: stream.updates() }), {
      nSteps: n / 4,
    });
    const run = await compile({
      inputs: {},
      outputs: { u: steps.outputs },
      updates: steps.updates,
    });
    const sources = [
      await valuesOf(uniform(split(key(5), n / 4), [4])),
      await valuesOf(uniform(foldIn(key(5), arange(n / 4)), [4])),
      [...run({}).u.data],
    ];
    for (const u of sources)
      // Pairs of neighbours in a row, and of rows, fill 4 by 4 cells evenly.
      for (const apart of [1, 4]) {
        const quarter = (x = NaN): number => Math.floor(4 * x);
        const cells = u.slice(apart).map((x, i) => 4 * quarter(x) + quarter(u[i]));
        expect(chiSquare(countsOf(cells, 16), even(cells.length, 16))).toBeLessThan(limit[15]);
      }
  });
});

describe("refusals", () => {
  test("shapes are lists of sizes", () => {
    for (const draw of [randomBits, uniform, normal])
      expect(refusal(draw, key(1), 3)).toMatch(/SIZE: \w+: the shape is not a list/);
    expect(message(uniform, key(1))).toMatchInlineSnapshot(`
      "ArgumentError SIZE: uniform: the shape is not a list
        hint: give a list of sizes: [3, 4]"
    `);
    expect(message(bernoulli, key(1), [3], 0.5)).toMatchInlineSnapshot(`
      "ArgumentError SIZE: bernoulli: the shape is not a list
        hint: give a list of sizes: [3, 4]"
    `);
    expect(refusal(randint, key(1), 6, [2])).toMatch(/SIZE: randint: the shape is not a list/);
    expect(message(uniform, key(1), ["3"])).toMatchInlineSnapshot(`
      "ArgumentError SIZE: uniform: 3 is not a size
        hint: sizes are integers >= 0, or sizes of tensors such as x.size(0)"
    `);
    expect(refusal(uniform, key(1), [0.5])).toMatch(/SIZE: uniform: 0.5 is not the size/);
    expect(message(split, key(1), 2.5)).toMatchInlineSnapshot(`
      "ArgumentError SIZE: split: 2.5 is not the size of an axis
        hint: sizes are integers >= 0, or sizes of tensors such as x.size(0)"
    `);
    expect(refusal(split, key(1))).toMatch(/SIZE: split: undefined is not a size/);
  });
  test("chances are chances, and whole numbers whole", () => {
    expect(message(bernoulli, key(1), 1.5, [2])).toMatchInlineSnapshot(`
      "ArgumentError RANDOM_OPTION: bernoulli: 1.5 is no probability
        hint: give a number from 0 to 1: bernoulli(key, 0.5, [3])"
    `);
    expect(refusal(bernoulli, key(1), NaN, [2])).toMatch(/RANDOM_OPTION: bernoulli: NaN/);
    expect(message(foldIn, key(1), 0.5)).toMatchInlineSnapshot(`
      "DTypeError NOT_INTEGER: foldIn: 0.5 is no int32
        hint: give a whole number from -2147483648 to 2147483647"
    `);
    expect(refusal(foldIn, key(1), 2 ** 31)).toMatch(/NOT_INTEGER: foldIn: 2147483648/);
    expect(refusal(foldIn, key(1), -(2 ** 31))).toBe("nothing was thrown");
    expect(refusal(randint, key(1), 0, 2.5, [2])).toMatch(/NOT_INTEGER: randint: 2.5 is no int32/);
    expect(refusal(randint, key(1), 0, 2 ** 32, [2])).toMatch(/NOT_INTEGER: randint/);
    expect(refusal(randint, key(1), 0, zeros([2]), [2])).toMatch(/NOT_INTEGER: randint/);
  });
  test("seeds are whole numbers", () => {
    expect(message(key, "a")).toMatchInlineSnapshot(`
      "ArgumentError SEED: a seed is a whole number, got "a"
        hint: give one below 2^53, or an int32 scalar tensor: key(1)"
    `);
    expect(refusal(key, 2 ** 53)).toMatch(/SEED: a seed is a whole number, got 9007199254740992/);
    expect(refusal(key)).toMatch(/SEED: a seed is a whole number, got undefined/);
  });
});
