/** Choices and orders at random: how often, of which shapes, and the same bits everywhere. */
import { describe, expect, test } from "vitest";
import {
  compile,
  constant,
  evaluate,
  grad,
  log,
  matrix,
  scan,
  stepResult,
  shared,
  sum,
  take,
  tensor,
  vector,
  zeros,
} from "../../src/index.ts";
import { categorical, foldIn, key, permutation, split } from "../../src/random.ts";
import { message, refusal } from "./refusal.ts";
import { chiSquare, countsOf, valuesOf } from "./same-bits.ts";

describe("categorical", () => {
  test("draws each class as often as softmax says, and none of -Infinity", async () => {
    const p = [0.1, 0.2, 0.3, 0.4, 0];
    const n = 20_000;
    for (const dtype of ["float32", "float64"] as const) {
      const ids = await valuesOf(categorical(key(3), log(zeros([n, 5], dtype).add(p))));
      const counts = countsOf(ids, 5);
      expect(counts[4]).toBe(0);
      const wanted = p.slice(0, 4).map((x) => x * n);
      // The 99.9th percentile for 3 degrees of freedom.
      expect(chiSquare(counts.slice(0, 4), wanted), dtype).toBeLessThan(16.27);
    }
  });
  test("keeps the other axes, and takes plain lists", async () => {
    expect(categorical(key(1), zeros([2, 3, 4])).shape.map(String)).toEqual(["2", "3"]);
    expect(await valuesOf(categorical(key(1), [-1000, 0, -1000]))).toEqual([1]);
  });
  test("with a key for each row a row draws the same wherever it lies", async () => {
    const keys = tensor("keys", { shape: ["B", 2], dtype: "int32" });
    const logits = tensor("logits", { shape: ["B", 3, 4] });
    const all = evaluate(split(key(9), 5)).toArray() as number[][];
    const flat = Array.from({ length: 3 }, () => [0, 0, 0, 0]);
    const draw = (rows: readonly number[]): Promise<number[]> =>
      valuesOf(
        categorical(keys, logits),
        { keys, logits },
        { keys: rows.map((i) => all[i]), logits: rows.map(() => flat) },
      );
    const drawn = await draw([0, 1, 2, 3, 4]);
    expect(new Set(drawn).size).toBe(4);
    expect(await draw([3, 1])).toEqual([...drawn.slice(9, 12), ...drawn.slice(3, 6)]);
    const one = categorical(constant(all[3] ?? [], "int32"), flat);
    expect(await valuesOf(one)).toEqual(drawn.slice(9, 12));
    // Logits without rows: every key draws from them.
    const ids = await valuesOf(categorical(split(key(2), 3000), [0, 0, 0]));
    expect(chiSquare(countsOf(ids, 3), [1000, 1000, 1000])).toBeLessThan(13.82);
  });
  test("refuses what are no logits", () => {
    const rows = matrix("rows");
    expect(message(categorical, split(key(1), 1), rows)).toMatchInlineSnapshot(`
      "ShapeError CATEGORICAL: categorical: result of deriveKey (HERE) i32[1, 2] holds one key for all rows of "rows" f32[rows.shape[0], rows.shape[1]], which would draw the same
        hint: give a key [2] for all together, or one for each row: split(key, logits.size(0))"
    `);
    expect(categorical(split(key(1), 1), zeros([1, 3])).shape.map(String)).toEqual(["1"]);
    expect(message(categorical, key(1), vector("n", { dtype: "int32" }))).toMatchInlineSnapshot(`
      "DTypeError CATEGORICAL: categorical: "n" i32[n.shape[0]] are no logits
        hint: give log(p) of probabilities, or scores: float32 or float64"
    `);
    expect(message(categorical, key(1), 2)).toMatchInlineSnapshot(`
      "ShapeError CATEGORICAL: categorical: constant 2 f32[] has no axis
        hint: give logits [..., C]: the last axis is what is chosen from"
    `);
    expect(message(categorical, split(split(key(1), 3), 2), zeros([3, 4]))).toMatchInlineSnapshot(`
      "ShapeError CATEGORICAL: categorical: result of deriveKey (HERE) i32[3, 2, 2] has more axes of keys than constant 0 f32[3, 4] has rows
        hint: give logits [C], or one row or more for each key: keys [B, 2] and logits [B, C]"
    `);
    expect(message(categorical, split(key(1), 3), zeros([2, 4]))).toMatchInlineSnapshot(`
      "ShapeError SHAPE_MISMATCH: categorical: axis 0 of result of deriveKey (HERE) (3) and axis 0 of constant 0 (2) must agree
        result of deriveKey (HERE) i32[3, 2]
        constant 0 f32[2, 4]"
    `);
    expect(refusal(categorical, 1, [0, 1])).toMatch(/RANDOM_KEY/);
    expect(refusal(categorical, key(1), zeros([2, 0]))).toMatch(/EMPTY_REDUCTION/);
  });
});

describe("keys", () => {
  test("of many keys each is split, and folded with one number or its own", () => {
    const keys = split(key(1), 3);
    const each = [0, 1, 2].map((i) => take(keys, i));
    const rows = (make: (one: (typeof each)[number]) => ReturnType<typeof key>): unknown[] =>
      each.map((one) => evaluate(make(one)).toArray());
    expect(evaluate(split(keys, 2)).toArray()).toEqual(rows((one) => split(one, 2)));
    expect(evaluate(foldIn(keys, 7)).toArray()).toEqual(rows((one) => foldIn(one, 7)));
    const own = evaluate(foldIn(keys, [4, 5, 6])).toArray();
    expect(own).toEqual(each.map((one, i) => evaluate(foldIn(one, 4 + i)).toArray()));
  });
});

describe("permutation", () => {
  test("holds every number once for any n, in another order for another key", async () => {
    const x = vector("x");
    const call = await compile({
      inputs: { x },
      outputs: { order: permutation(key(3), x.size(0)) },
      unusedInputs: "ignore",
    });
    for (const n of [...Array(70).keys(), 127, 128, 129, 1000]) {
      const order = call({ x: Array.from({ length: n }, () => 0) }).order.data;
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      if (n < 9) expect(evaluate(permutation(key(3), n)).data).toEqual(order);
    }
    const orders = await Promise.all([1, 2].map((seed) => valuesOf(permutation(key(seed), 100))));
    expect(orders[0]).not.toEqual(orders[1]);
  });
  test("of many numbers", async () => {
    const n = 100_000;
    const call = await compile({ inputs: {}, outputs: { order: permutation(key(1), n) } });
    const order = call({}).order.data;
    expect(new Set(order).size).toBe(n);
    // Numbers and their places have no correlation: its deviation is 1 / √n.
    const mean = (n - 1) / 2;
    const together = order.reduce((total, x, i) => total + (x - mean) * (i - mean), 0);
    expect(Math.abs(together / (n * (n * n - 1))) * 12 * Math.sqrt(n)).toBeLessThan(3.3);
  });
  test("every order of four is equally likely", async () => {
    const flat = await valuesOf(permutation(split(key(1), 12_000), 4));
    const counts = new Map<string, number>();
    for (let at = 0; at < flat.length; at += 4) {
      const order = flat.slice(at, at + 4).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const wanted = Array.from({ length: 24 }, () => 500);
    // The 99.9th percentile for 23 degrees of freedom.
    expect(chiSquare([...counts.values()], wanted)).toBeLessThan(49.73);
  });
  test("of as many as an input has, and of its rows, with their gradient", async () => {
    const x = matrix("x");
    for (const rows of [5, 1]) {
      const values = { x: Array.from({ length: rows }, (_, i) => [2 * i, 2 * i + 1]) };
      const order = await valuesOf(permutation(key(7), x.size(0)), { x }, values);
      const shuffled = await valuesOf(permutation(key(7), x), { x }, values);
      expect(shuffled).toEqual(order.flatMap((i) => values.x[i] ?? []));
      const weights = constant(Array.from({ length: rows }, (_, i) => [i, i]));
      const cost = sum(permutation(key(7), x).mul(weights));
      const slopes = await valuesOf(grad(cost, x), { x }, values);
      order.forEach((from, to) => expect(slopes.slice(2 * from, 2 * from + 2)).toEqual([to, to]));
    }
  });
  test("in a step of scan, with a key for each step", async () => {
    const n = shared(0, { name: "n", dtype: "int32" });
    const { outputs, updates } = scan(
      () => stepResult(permutation(foldIn(key(4), n), 6), { updates: [[n, n.add(1)]] }),
      { nSteps: 3 },
    );
    const call = await compile({ inputs: {}, outputs: { outputs }, updates });
    const wanted = [0, 1, 2].map((t) => evaluate(permutation(foldIn(key(4), t), 6)).toArray());
    expect(call({}).outputs.toArray()).toEqual(wanted);
  });
  test("refuses what is no size", () => {
    expect(message(permutation, key(1), [1, 2])).toMatchInlineSnapshot(`
      "ArgumentError PERMUTATION: permutation: [1,2] is neither a size nor a tensor of rows
        hint: give a number, x.size(0), or rows as a tensor: constant([1, 2, 3])"
    `);
    expect(message(permutation, key(1), 2 ** 31)).toMatchInlineSnapshot(`
      "ArgumentError PERMUTATION: permutation: cannot order 2147483648 numbers
        hint: give at most 2^30 = 1073741824"
    `);
    expect(message(permutation, key(1), -1)).toMatchInlineSnapshot(`
      "ArgumentError SIZE: permutation: -1 is not the size of an axis
        hint: sizes are integers >= 0, or sizes of tensors such as x.size(0)"
    `);
    expect(refusal(permutation, key(1), constant(3))).toMatch(/SIZE/);
    expect(refusal(permutation, 1, 3)).toMatch(/RANDOM_KEY/);
  });
});
