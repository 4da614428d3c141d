/** Sequences that lie behind one another in a row of the batch: each is computed as if it were alone. */
import { describe, expect, test } from "vitest";
import {
  compile,
  constant,
  evaluate,
  grad,
  index,
  matrix,
  scan,
  sqr,
  sum,
  tanh,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

const f64 = { dtype: "float64" } as const;
const W = matrix("W", f64);
const lengths = [3, 1, 4, 2];
const total = lengths.reduce((a, b) => a + b);
const row = (i: number): number[] => [Math.sin(i), Math.cos(3 * i), Math.sin(5 * i + 1)];
const packed = Array.from({ length: total }, (_, t) => [row(t), row(t + 100)]);
const begins = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
const marks = Array.from({ length: total }, (_, t) => [begins.includes(t), t % 5 === 0]);
const weights = [0, 1, 2].map((i) => [0, 1, 2].map((j) => 0.4 * Math.sin(i + 2 * j)));
const start = [0.3, -0.1, 0.2];

/** States of an RNN over `[T, B, 3]`. */
function states(x: Tensor, h0: Tensor, resets?: Tensor<"bool">): Tensor {
  const { outputs } = scan((v, h: Tensor) => tanh(v.add(h.dot(W))), {
    sequences: x,
    outputsInfo: h0,
    ...(resets === undefined ? {} : { resets }),
  });
  return outputs;
}

describe("packed rows", () => {
  const x = tensor("x", { shape: ["T", "B", 3], ...f64 });
  const h0 = vector("h0", f64);
  const resets = tensor("resets", { shape: ["T", "B"], dtype: "bool" });
  const h = states(x, zeros([x.size(1), 3], "float64").add(h0), resets);
  const alone = tensor("x", { shape: ["T", 1, 3], ...f64 });
  const hAlone = states(alone, zeros([1, 3], "float64").add(h0));

  test("give each sequence its own loss and gradients, compiled and not", async () => {
    for (const [i, length] of lengths.entries()) {
      const first = begins[i] ?? 0;
      const own = index(h, { start: first, stop: first + length }, 0);
      const cost = sum(sqr(own));
      const outputs = { cost, dx: grad(cost, x), dW: grad(cost, W), dh0: grad(cost, h0) };
      const costAlone = sum(sqr(hAlone));
      const want = evaluate(
        { cost: costAlone, ...named(grad(costAlone, [alone, W, h0])) },
        {
          x: packed.slice(first, first + length).map(([r]) => [r ?? []]),
          W: weights,
          h0: start,
        },
      );
      const values = { x: packed, resets: marks, W: weights, h0: start };
      const f = await compile({ inputs: { x, resets, W, h0 }, outputs });
      for (const got of [evaluate(outputs, values), f(values)]) {
        near(got.cost.data, want.cost.data);
        near(got.dW.data, want.dW.data);
        near(got.dh0.data, want.dh0.data);
        const dx = got.dx.toArray() as number[][][];
        near(
          dx.slice(first, first + length).flatMap(([r]) => r ?? []),
          want.dx.data,
        );
        const elsewhere = dx.flatMap((pair, t) =>
          pair.flatMap((r, b) => (b === 0 && t >= first && t < first + length ? [] : r)),
        );
        expect(elsewhere.every((g) => g === 0)).toBe(true);
      }
      f.dispose();
    }
  });

  test("do not see their neighbours: NaN there changes no state and no gradient in x", () => {
    const poked = packed.map((pair, t) => (t !== 3 ? [[NaN, NaN, NaN], pair[1] ?? []] : pair));
    const cost = sum(sqr(index(h, 3, 0)));
    const wrt = { cost, dx: index(grad(cost, x), 3), h: index(h, 3) };
    const values = { resets: marks, W: weights, h0: start };
    const [clean, got] = [packed, poked].map((x) => evaluate(wrt, { x, ...values }));
    expect(got?.cost.item()).toBe(clean?.cost.item());
    expect(got?.dx.toArray()).toEqual(clean?.dx.toArray());
    expect(got?.h.toArray()).toEqual(clean?.h.toArray());
  });

  test("behind a mask, weights do not see NaN of others either", () => {
    const mask = tensor("mask", { shape: ["T", "B"], dtype: "bool" });
    const { outputs } = scan((v, s: Tensor) => tanh(v.add(s.dot(W))), {
      sequences: x,
      outputsInfo: zeros([x.size(1), 3], "float64").add(h0),
      resets,
      mask,
    });
    const dW = grad(sum(sqr(outputs)), W);
    const values = { resets: marks, W: weights, h0: start };
    const kept = marks.map((_, t) => [t >= 4, true]);
    const poked = packed.map(([a, b], t) => [t < 4 ? [NaN, NaN, NaN] : (a ?? []), b ?? []]);
    const [clean, got] = [packed, poked].map((x) => evaluate(dW, { x, mask: kept, ...values }));
    expect(got?.toArray()).toEqual(clean?.toArray());
  });
});

test("without a batch, resets are one mark for each step, and past values begin anew too", () => {
  const x = vector("x", f64);
  const { outputs } = scan((v, a: Tensor, b: Tensor) => v.add(a).add(b.mul(10)), {
    sequences: x,
    outputsInfo: { initial: constant([1, 2], "float64"), taps: [-1, -2] },
    resets: constant([false, false, true, false], "bool"),
  });
  expect(evaluate(outputs, { x: [0, 0, 0, 0] }).toArray()).toEqual([12, 32, 12, 32]);
});

describe("resets are refused", () => {
  const x = matrix("x");
  const marked = (resets: unknown, sequences: unknown = x): string =>
    messageOf(() =>
      scan((v, h: Tensor) => v.add(h), {
        sequences: sequences as Tensor,
        outputsInfo: zeros([x.size(1)]),
        resets: resets as Tensor<"bool">,
      }),
    );
  test("when they are no bool[T, B], or have other rows", () => {
    expect(marked([true])).toMatchInlineSnapshot(
      `"ArgumentError SCAN_OPTION_VALUE: scan: resets must be a tensor bool[T, B], got object"`,
    );
    expect(marked(matrix("r"))).toMatchInlineSnapshot(`
      "DTypeError SCAN_RESETS: scan: resets "r" must be bool[T, B], or bool[T] without a batch
        it is f32[r.shape[0], r.shape[1]]
        hint: compare it: gt(resets, 0)"
    `);
    expect(marked(tensor("r", { shape: [3, 2, 1], dtype: "bool" }))).toContain("SCAN_RESETS");
    const three = tensor("x", { shape: [3, 2] });
    expect(marked(tensor("r", { shape: [4, 2], dtype: "bool" }), three)).toMatchInlineSnapshot(`
      "ShapeError SCAN_RESETS: scan: resets "r" has 4 rows, sequences[0] "x" has 3
        hint: give one row for each step"
    `);
    const { outputs } = scan((v, h: Tensor) => v.add(h), {
      sequences: x,
      outputsInfo: zeros([x.size(1)]),
      resets: tensor("r", { shape: ["R", "B"], dtype: "bool" }),
    });
    expect(() => evaluate(outputs, { x: [[1]], r: [[true], [true]] })).toThrow(
      'resets "r" has R rows, sequences[0] "x" has x.shape[0]',
    );
  });
  test("when states have no batch, or a sequence has taps", () => {
    const alone = (): unknown =>
      scan((v, h: Tensor) => v.add(h), {
        sequences: vector("v"),
        outputsInfo: constant(0),
        resets: tensor("r", { shape: ["T", "B"], dtype: "bool" }),
      });
    expect(messageOf(alone)).toMatchInlineSnapshot(`
      "ShapeError SCAN_RESETS: scan: resets are bool[T, B], and state 0 f32[] has no batch
        hint: states are [B, ...]; without a batch give resets of shape [T]"
    `);
    const resets = tensor("r", { shape: ["T", "B"], dtype: "bool" });
    expect(marked(resets, { input: x, taps: [-1] })).toMatchInlineSnapshot(`
      "UnsupportedError SCAN_RESETS: scan: with resets, sequences[0] "x" cannot have taps -1: they would read rows of the sequence before
        hint: carry past values as a state, which resets restart"
    `);
  });
});

function near(got: ArrayLike<number>, want: ArrayLike<number>): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++)
    expect(Math.abs((got[i] ?? NaN) - (want[i] ?? NaN))).toBeLessThan(1e-12);
}

const named = ([dx, dW, dh0]: readonly Tensor[]): Readonly<Record<"dx" | "dW" | "dh0", Tensor>> => {
  if (dx === undefined || dW === undefined || dh0 === undefined) throw new Error("no gradient");
  return { dx, dW, dh0 };
};
