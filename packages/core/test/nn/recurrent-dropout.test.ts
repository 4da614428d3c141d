/** Recurrent dropout against a loop that drops by the same masks. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { tensor } from "../../src/api/tensors.ts";
import { NDArray } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { sqr } from "../../src/ops/arithmetic.ts";
import { constant } from "../../src/ops/constant.ts";
import {
  bidirectional,
  gru,
  layerNormLstm,
  lstm,
  mgu,
  peepholeLstm,
  recurrentDropout,
  run,
  uniformWithin,
  type CellOptions,
  type GatedCell,
} from "../../src/nn.ts";
import { bernoulli, foldIn, key, split } from "../../src/random.ts";

const [I, H, T, B, rate] = [3, 5, 6, 3, 0.4];
const lengths = [6, 2, 0];
const x = tensor("x", { shape: ["T", "B", I], dtype: "float64" });
const given = tensor("lengths", { shape: ["B"], dtype: "int32" });
const xValue = uniformWithin(1)(key(1), [T, B, I]);
const poked = new NDArray(
  "float64",
  xValue.shape,
  xValue.data.map((v, i) => {
    const [t, b] = [Math.floor(i / (B * I)), Math.floor(i / I) % B];
    return t < (lengths[b] ?? 0) ? v : NaN;
  }),
);
const options = {
  inputSize: I,
  hiddenSize: H,
  key: key(3),
  name: "cell",
  dtype: "float64",
} as const;
const cell = lstm(options);
const drop = { rate, key: key(7) };

/** The masks of each step and sequence, as the page says: a key for each row, folded with the step. */
const masks = Array.from({ length: T }, (_, t) =>
  evaluate(
    bernoulli(foldIn(split(drop.key, B), constant([t, t, t], "int32")), 1 - rate, [H]),
  ).toArray(),
);

/** The loop of an LSTM whose new values are dropped, one sequence after the other. */
function plain(each: "step" | "sequence"): number[][] {
  const [Wx, Wh, b] = cell.parameters.map((p) => p.get().data);
  const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
  const first = evaluate(bernoulli(split(drop.key, B), 1 - rate, [H])).toArray();
  return lengths.map((length, row) => {
    let [h, c] = [Array.from({ length: H }, () => 0), Array.from({ length: H }, () => 0)];
    for (let t = 0; t < length; t++) {
      const mask = (each === "step" ? masks[t] : first) as boolean[][];
      const gate = (k: number, j: number): number => {
        let total = b?.[k * H + j] ?? NaN;
        for (let i = 0; i < I; i++)
          total += (xValue.data[(t * B + row) * I + i] ?? NaN) * (Wx?.[i * 4 * H + k * H + j] ?? 0);
        for (let i = 0; i < H; i++) total += (h[i] ?? NaN) * (Wh?.[i * 4 * H + k * H + j] ?? 0);
        return total;
      };
      const kept = c.map((old, j) => {
        const fresh = mask[row]?.[j] === true ? Math.tanh(gate(2, j)) / (1 - rate) : 0;
        return sigmoid(gate(1, j)) * old + sigmoid(gate(0, j)) * fresh;
      });
      h = kept.map((v, j) => sigmoid(gate(3, j)) * Math.tanh(v));
      c = kept;
    }
    return h;
  });
}

describe.each(["step", "sequence"] as const)("new masks for each %s", (each) => {
  const { outputs, final } = run(recurrentDropout(cell, { ...drop, each }), x, { lengths: given });

  test("drop what a plain loop drops, interpreted and compiled, whatever the padding holds", async () => {
    const wanted = plain(each).flat();
    const f = await compile({ inputs: { x, lengths: given }, outputs: { h: final.h } });
    for (const value of [xValue, poked]) {
      const found = [evaluate(final.h, { x: value, lengths }), f({ x: value, lengths }).h];
      for (const { data } of found)
        for (const [i, v] of data.entries()) expect(v).toBeCloseTo(wanted[i] ?? NaN, 12);
    }
    expect(evaluate(final.steps, { x: poked, lengths }).toArray()).toEqual(lengths);
  });

  test("have the gradient of finite differences", () => {
    const cost = sum(sqr(outputs.h));
    const slopes = evaluate(grad(cost, cell.parameters), { x: poked, lengths });
    for (const [k, p] of cell.parameters.entries()) {
      const before = p.get();
      const moved = (step: number): number => {
        const data = Float64Array.from(before.data, (v, i) => v + (i === 4 ? step : 0));
        p.set(new NDArray("float64", before.shape, data));
        return evaluate(cost, { x: poked, lengths }).item();
      };
      const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
      p.set(before);
      expect(slopes[k]?.data[4]).toBeCloseTo(slope, 7);
    }
  });
});

test("a key for each sequence gives the same masks at every place of the batch", () => {
  const ids = tensor("ids", { shape: ["B"], dtype: "int32" });
  const { h } = run(recurrentDropout(cell, { rate, key: foldIn(key(7), ids) }), x).final;
  const rows = Array.from({ length: B }, (_, b) =>
    Array.from({ length: T }, (__, t) => [
      [...xValue.data.subarray((t * B + b) * I, (t * B + b + 1) * I)],
    ]),
  );
  const together = evaluate(h, { x: xValue, ids: [5, 9, 2] }).toArray() as number[][];
  for (const [b, id] of [5, 9, 2].entries())
    expect(evaluate(h, { x: rows[b] ?? [], ids: [id] }).toArray()).toEqual([together[b]]);
});

test("every gated cell takes it, in both directions too; a rate of 0 changes nothing", () => {
  const check = <S extends { readonly h: Tensor }>(
    make: (given: CellOptions<"float64">) => GatedCell<S>,
  ): void => {
    const one = make(options);
    const none = run(recurrentDropout(one, { rate: 0, key: key(1) }), x);
    const some = run(recurrentDropout(one, drop), x);
    const hs = [run(one, x).final.h, none.final.h, some.final.h];
    const [wanted, same, other] = evaluate(hs, { x: xValue });
    expect(same).toEqual(wanted);
    expect(other).not.toEqual(wanted);
  };
  check(gru);
  check(lstm);
  check(mgu);
  check(peepholeLstm);
  check(layerNormLstm);
  const both = bidirectional(recurrentDropout(cell, drop), gru(options), x, { lengths: given });
  expect(evaluate(both.outputs, { x: poked, lengths }).data.every(Number.isFinite)).toBe(true);
});
