import { describe, expect, it } from "vitest";
import { compile, sqr, sum, tensor, type NDArray } from "../../src/index.ts";
import { gru, lstm, rnn, run, stateGradients, type Run } from "../../src/nn.ts";
import { key } from "../../src/random.ts";

const [T, B, I, H] = [5, 2, 3, 4];
const x = tensor("x", { shape: ["T", "B", I], dtype: "float64" });
const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
const values = {
  data: Float64Array.from({ length: T * B * I }, (_, i) => ((i * 7) % 11) / 11 - 0.4),
  shape: [T, B, I],
};
const ends = [T, 3];

const options = { inputSize: I, hiddenSize: H, key: key(3), dtype: "float64" } as const;
const cost = ({ final }: Pick<Run<{ h: ReturnType<typeof sqr> }>, "final">) => sum(sqr(final.h));
const at = (array: NDArray | undefined, t: number, b: number): number[] =>
  [...(array?.data ?? [])].slice((t * B + b) * H, (t * B + b + 1) * H);

describe("stateGradients", () => {
  it("after the last step is the gradient of the cost itself, and after a sequence's end zero", async () => {
    const cell = rnn({ ...options, name: "rnn" });
    const { h } = stateGradients(cell, x, cost, { lengths });
    const { final } = run(cell, x, { lengths });
    const f = await compile({ inputs: { x, lengths }, outputs: { h, last: final.h } });
    const out = f({ x: values, lengths: ends });
    for (const [b, end] of ends.entries()) {
      const last = [...out.last.data].slice(b * H, (b + 1) * H);
      expect(at(out.h, end - 1, b)).toEqual(last.map((value) => 2 * value));
      for (let t = end; t < T; t++) expect(at(out.h, t, b)).toEqual([0, 0, 0, 0]);
    }
  });

  it("of a tanh cell is carried back by the cell's own Jacobian", async () => {
    const cell = rnn({ ...options, name: "rnn" });
    const { h } = stateGradients(cell, x, cost);
    const { outputs } = run(cell, x);
    const f = await compile({ inputs: { x }, outputs: { h, states: outputs.h } });
    const out = f({ x: values });
    const Wh = cell.parameters
      .find(({ name }) => name === "rnn.Wh")
      ?.get()
      .toArray();
    if (!Array.isArray(Wh)) throw new Error("the cell has no Wh");
    for (let t = 0; t + 1 < T; t++) {
      const state = at(out.states, t + 1, 0);
      const delta = at(out.h, t + 1, 0).map((g, j) => g * (1 - (state[j] ?? 0) * (state[j] ?? 0)));
      const back = Wh.map((row) => delta.reduce((s, d, j) => s + d * Number(Object(row)[j]), 0));
      at(out.h, t, 0).forEach((value, i) => {
        expect(value).toBeCloseTo(back[i] ?? NaN, 12);
      });
    }
  });

  it("has every state of the cell, in the shapes of its sequence", async () => {
    const ofGru = stateGradients(gru({ ...options, name: "gru" }), x, cost);
    const ofLstm = stateGradients(lstm({ ...options, name: "lstm" }), x, cost);
    for (const gradients of [ofGru, ofLstm]) {
      const f = await compile({ inputs: { x }, outputs: gradients });
      for (const value of Object.values(f({ x: values }))) expect(value.shape).toEqual([T, B, H]);
    }
    expect(Object.keys(ofLstm).sort()).toEqual(["c", "h"]);
  });

  it("refuses what is no batch of sequences", () => {
    const vector = tensor("v", { shape: [3], dtype: "float64" });
    expect(() => stateGradients(rnn({ ...options, name: "rnn" }), vector, cost)).toThrow(
      /RUN_INPUT: stateGradients: "v" .* is no batch of sequences/,
    );
    const wrong: object = { length: lengths };
    expect(() => stateGradients(rnn({ ...options, name: "rnn" }), x, cost, wrong)).toThrow(
      /LAYER_OPTION/,
    );
  });
});
