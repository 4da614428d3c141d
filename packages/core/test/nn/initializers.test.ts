import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/api/evaluate.ts";
import type { NDArray } from "../../src/graph/ndarray.ts";
import {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  orthogonal,
  parameter,
  svd,
  uniform,
  unishape,
  zero,
  type Initializer,
} from "../../src/nn.ts";
import { foldIn, key, normal, split, uniform as draw } from "../../src/random.ts";

const all = { glorotNormal, glorotUniform, heNormal, heUniform, orthogonal, svd, uniform, zero };

function mean(x: Iterable<number>, f: (x: number) => number = (y) => y): number {
  const values = [...x];
  return values.reduce((sum, y) => sum + f(y), 0) / values.length;
}

describe.each(Object.entries(all))("%s", (_, init: Initializer) => {
  test("is a function of key and shape alone", () => {
    const values = init(key(3), [5, 4]);
    expect(values.shape).toEqual([5, 4]);
    expect(init(key(3), [5, 4])).toEqual(values);
    if (init !== zero) expect(init(key(4), [5, 4])).not.toEqual(values);
  });
});

test("values never change: another engine, another version, the same bits", () => {
  expect(uniform(key(1), [3]).toArray()).toMatchInlineSnapshot(`
    [
      0.07805183514160619,
      0.034399653783607376,
      -0.05051970547959175,
    ]
  `);
  expect(glorotNormal(key(1), [3]).toArray()).toMatchInlineSnapshot(`
    [
      -0.2926699419542211,
      -0.6230767211224806,
      -0.27134603092107235,
    ]
  `);
  expect([...svd(key(1), [2, 2]).data]).toMatchInlineSnapshot(`
    [
      0.8394259728764732,
      0.3699587945822159,
      -0.5433255072696362,
      0.5541404237390964,
    ]
  `);
  expect([...orthogonal(key(1), [2, 2]).data]).toMatchInlineSnapshot(`
    [
      -0.4251515788405921,
      -0.9051221657927464,
      -0.9051221657927464,
      0.425151578840592,
    ]
  `);
});

test("initial values are what graphs draw from the same key", () => {
  const k = foldIn(key(7), 2);
  const [a, b] = evaluate([
    draw(k, [50], { low: -0.1, high: 0.1, dtype: "float64" }),
    normal(k, [50], { dtype: "float64" }),
  ]);
  const [x, y] = [uniform(k, [50]), heNormal(k, [50])];
  for (let i = 0; i < 50; i++) {
    expect(x.data[i]).toBeCloseTo(a.data[i] ?? NaN, 15);
    expect((y.data[i] ?? NaN) / Math.sqrt(2 / 50)).toBeCloseTo(b.data[i] ?? NaN, 12);
  }
});

test.each([
  ["uniform", uniform, 0.1],
  ["unishape", unishape, Math.sqrt(6 / 300)],
  ["heUniform", heUniform, Math.sqrt(6 / 100)],
] as const)("%s fills its range evenly", (_, init, limit) => {
  const { data } = init(key(5), [100, 200]);
  expect(Math.max(...data)).toBeLessThan(limit);
  expect(Math.max(...data)).toBeGreaterThan(0.999 * limit);
  expect(Math.min(...data)).toBeGreaterThanOrEqual(-limit);
  expect(mean(data) / limit).toBeCloseTo(0, 1);
  expect(mean(data, (x) => (x / limit) * (x / limit))).toBeCloseTo(1 / 3, 2);
});

test.each([
  ["glorotNormal", glorotNormal, Math.sqrt(2 / 300)],
  ["heNormal", heNormal, Math.sqrt(2 / 100)],
] as const)("%s has its deviation", (_, init, deviation) => {
  const { data } = init(key(5), [100, 200]);
  expect(mean(data) / deviation).toBeCloseTo(0, 1);
  expect(mean(data, (x) => (x / deviation) * (x / deviation))).toBeCloseTo(1, 1);
  expect(mean(data, (x) => Number(Math.abs(x) < deviation))).toBeCloseTo(0.6827, 2);
});

/** x xᵀ of the rows. */
function gram({ data, shape: [m = 0, n = 0] }: NDArray<"float64">): number[][] {
  const at = (i: number, k: number): number => data[i * n + k] ?? 0;
  return Array.from({ length: m }, (_, i) =>
    Array.from({ length: m }, (__, j) => {
      let sum = 0;
      for (let k = 0; k < n; k++) sum += at(i, k) * at(j, k);
      return sum;
    }),
  );
}

test("orthogonal rows, or columns where they are shorter, are orthonormal", () => {
  const wide = orthogonal(key(2), [6, 9]);
  const tall = orthogonal(key(2), [9, 6]);
  for (const [i, row] of gram(wide).entries())
    for (const [j, x] of row.entries()) expect(x).toBeCloseTo(i === j ? 1 : 0, 13);
  const at = (i: number, j: number): number => tall.data[i * 6 + j] ?? NaN;
  for (let i = 0; i < 9; i++)
    for (let j = 0; j < 6; j++) expect(at(i, j)).toBe(wide.data[j * 9 + i]);
});

test.each([
  [50, 50],
  [7, 50],
  [50, 7],
  [1, 1],
])("svd of [%i, %i] has the largest singular value 1", (m, n) => {
  const g = gram(svd(key(9), [m, n]));
  let v = g.map((_, i) => 1 + i / m);
  for (let round = 0; round < 3000; round++) {
    const w = g.map((row) => row.reduce((sum, x, j) => sum + x * (v[j] ?? 0), 0));
    const norm = Math.sqrt(w.reduce((sum, x) => sum + x * x, 0));
    v = w.map((x) => x / norm);
    if (round === 2999) expect(norm).toBeCloseTo(1, 9);
  }
});

test("a parameter is the initial value, rounded to its dtype, under its name", () => {
  const W = parameter("W", [3, 4], glorotUniform, key(1));
  expect(W.name).toBe("W");
  expect(W.get().data).toEqual(Float32Array.from(glorotUniform(key(1), [3, 4]).data));
  expect(parameter("W", [3, 4], glorotUniform, key(1), "float64").get().dtype).toBe("float64");
});

test("what is wrong is named", () => {
  expect(() => svd(key(1), [3])).toThrowErrorMatchingInlineSnapshot(`
    [ShapeError: INIT_SHAPE: svd makes matrices, not [3]
      hint: use zero or uniform for other shapes]
  `);
  expect(() => uniform(split(key(1), 3), [3])).toThrowErrorMatchingInlineSnapshot(`
    [ArgumentError: INIT_KEY: an initializer needs one key, got 3
      hint: take one: index(keys, i)]
  `);
});
