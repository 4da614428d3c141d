/** Steps that move the batch about before an op that is not finite everywhere: padding must neither be seen nor make NaN. */
import { describe, expect, test } from "vitest";
import {
  argmax,
  compile,
  concatenate,
  div,
  evaluate,
  exp,
  expandDims,
  flatten,
  grad,
  incSubtensor,
  index,
  log,
  logSumExp,
  matmul,
  moveAxis,
  mul,
  reshape,
  reverse,
  scan,
  setSubtensor,
  softmax,
  split,
  sqrt,
  stack,
  sum,
  take,
  tanh,
  tensor,
  transpose,
  type NDArray,
  type Tensor,
} from "../../src/index.ts";

type Float = Tensor<"float64">;
/** The next state `[B, 3]` of a row `[B, 3]`, a state `[B, 3]` and a matrix `[3, 3]`; rows of padding are 0. */
type Step = (u: Float, h: Float, w: Float) => Tensor;

const steps: Readonly<Record<string, Step>> = {
  "as it lies": (u, h, w) => log(u).add(tanh(h.dot(w))),
  transposed: (u, h, w) => transpose(log(transpose(u))).add(tanh(h.dot(w))),
  "reduced over the other axis": (u, h, w) =>
    h.dot(w).mul(expandDims(sum(log(transpose(u)), 0), 1)),
  flat: (u, h, w) => reshape(log(flatten(u)), u.shape).add(tanh(h.dot(w))),
  "one axis more in front": (u, h, w) => sum(log(expandDims(u, 0)), 0).add(tanh(h.dot(w))),
  "stacked in front": (u, h, w) => sum(sqrt(stack([u, mul(u, 2)])), 0).add(tanh(h.dot(w))),
  "concatenated along the batch": (u, h, w) => {
    const both = sqrt(concatenate([u, mul(u, 3)], 0));
    const [first = both] = split(both, [u.shape[0] ?? 1, u.shape[0] ?? 1], 0);
    return first.mul(tanh(h.dot(w)));
  },
  "concatenated along the columns": (u, h, w) =>
    index(log(concatenate([u, w.sum(0).mul(0).add(u)], 1)), {}, { stop: 3 }).add(tanh(h.dot(w))),
  "the batch reversed and back": (u, h, w) => reverse(log(reverse(u, 0)), 0).add(tanh(h.dot(w))),
  "by a value of each row": (u, h, w) => h.dot(w).div(expandDims(sqrt(sum(u, 1)), 1)),
  "as matrices of a batched product": (u, h, w) =>
    sum(sqrt(matmul(expandDims(u, 2), expandDims(u, 1))), 2).add(tanh(h.dot(w))),
  "behind another axis": (u, h, w) =>
    sum(moveAxis(log(moveAxis(expandDims(u, 2).mul(w.mul(w)), 0, 2)), 2, 0), 1).add(tanh(h.dot(w))),
  "a vector beside a matrix": (u, h, w) =>
    transpose(log(transpose(u).mul(sum(u, 1)))).add(tanh(h.dot(w))),
  "through softmax": (u, h, w) => log(softmax(div(1, u), 1)).mul(tanh(h.dot(w))),
  "through a sum of exponentials": (u, h, w) =>
    expandDims(logSumExp(transpose(log(u)), 0), 1).add(tanh(h.dot(w))),
  "in a loop inside": (u, h, w) =>
    scan((row: Float, total: Float) => total.add(log(row)), {
      sequences: transpose(u),
      outputsInfo: mul(sum(u, 1), 0),
    })
      .final.dimshuffle([0, "x"])
      .mul(tanh(h.dot(w))),
  "in a loop whose state starts without the batch": (u, h, w) =>
    scan((total: Float, s: Float) => total.add(sqrt(transpose(s))), {
      outputsInfo: transpose(h.mul(0)),
      nonSequences: [u],
      nSteps: 2,
    })
      .final.dimshuffle([1, 0])
      .mul(tanh(h.dot(w))),
  "set into zeros": (u, h, w) =>
    log(setSubtensor(h.mul(0).add(1), [{}, { stop: 2 }], index(u, {}, { stop: 2 }))).add(
      tanh(h.dot(w)),
    ),
  "added to rows by number": (u, h, w) =>
    sqrt(incSubtensor(u, [{}, [0, 2]], index(u, {}, { stop: 2 }))).mul(tanh(h.dot(w))),
  "rows of a table": (u, h, w) => log(take(exp(w), argmax(u, 1), 0)).add(tanh(h.dot(w).add(u))),
  "columns by number": (u, h, w) => log(take(u, [2, 0, 1], 1)).add(tanh(h.dot(w))),
};

const lengths = [3, 1];
const [T, D] = [4, 3];
const valueAt = (t: number, b: number, d: number): number =>
  1.5 + Math.sin(1.3 * t + 2.1 * b + 0.7 * d);
const weights = [0, 1, 2].map((i) => [0, 1, 2].map((j) => 0.3 * Math.cos(i + 2 * j)));

interface Built {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly results: Readonly<Record<keyof Results, Tensor>>;
}

function build(
  step: Step,
  batch: number | string,
  masked: boolean,
  truncateGradient: number,
): Built {
  const x = tensor("x", { shape: ["T", batch, D], dtype: "float64" });
  const w = tensor("w", { shape: [D, D], dtype: "float64" });
  const l = tensor("l", { shape: [batch], dtype: "int32" });
  const h0 = tensor("h0", { shape: [batch, D], dtype: "float64" });
  const { final, outputs } = scan((u: Float, h: Float) => step(u, h, w) as Float, {
    sequences: x,
    outputsInfo: h0,
    ...(masked ? { lengths: l } : {}),
    truncateGradient,
  });
  const cost = sum(final.mul(final)).add(sum(outputs).mul(0.1));
  const [dx, dw, dh] = grad(cost, [x, w, h0]);
  return { inputs: { x, w, h0, ...(masked ? { l } : {}) }, results: { cost, final, dx, dw, dh } };
}
type Results = Readonly<Record<"cost" | "final" | "dx" | "dw" | "dh", NDArray>>;

const rowsOf = (b: number, length: number): number[][] =>
  Array.from({ length }, (_, t) => Array.from({ length: D }, (__, d) => valueAt(t, b, d)));
const initial = (b: number): number[] => [0.2, -0.1, 0.3].map((v) => v + 0.1 * b);

/** Every sequence alone. */
function alone(step: Step, truncateGradient: number): Results[] {
  return lengths.map((length, b) => {
    const { results } = build(step, 1, false, truncateGradient);
    return evaluate(results, {
      x: rowsOf(b, length).map((row) => [row]),
      w: weights,
      h0: [initial(b)],
    });
  });
}

describe.each(Object.entries(steps))("%s", (_name, step) => {
  test.each([
    ["2 sequences", 2, -1],
    ["B sequences", "B", -1],
    ["gradient of 2 steps", "B", 2],
  ] as const)("%s", async (_label, batch, truncateGradient) => {
    const want = alone(step, truncateGradient);
    const { inputs, results } = build(step, batch, true, truncateGradient);
    const pad = (t: number, b: number, v: number): number => (t < (lengths[b] ?? 0) ? v : NaN);
    const values = {
      x: Array.from({ length: T }, (_, t) =>
        lengths.map((__, b) => Array.from({ length: D }, (___, d) => pad(t, b, valueAt(t, b, d)))),
      ),
      w: weights,
      h0: lengths.map((_, b) => initial(b)),
      l: lengths,
    };
    const call = await compile({ inputs, outputs: results });
    for (const got of [evaluate(results, values), call(values)]) {
      const close = (name: string, x: number | undefined, y: number | undefined): void =>
        expect(x, name).toBeCloseTo(y ?? NaN, 9);
      const total = (name: "cost" | "dw", i: number): number =>
        want.reduce((s, one) => s + (one[name].data[i] ?? NaN), 0);
      close("cost", got.cost.data[0], total("cost", 0));
      for (const [i, v] of got.dw.data.entries()) close(`dw[${i}]`, v, total("dw", i));
      for (const [b, one] of want.entries())
        for (let d = 0; d < D; d++) {
          close(`final[${b}, ${d}]`, got.final.data[b * D + d], one.final.data[d]);
          close(`dh[${b}, ${d}]`, got.dh.data[b * D + d], one.dh.data[d]);
          for (let t = 0; t < T; t++) {
            const own = t < (lengths[b] ?? 0) ? one.dx.data[t * D + d] : 0;
            close(`dx[${t}, ${b}, ${d}]`, got.dx.data[(t * lengths.length + b) * D + d], own);
          }
        }
    }
  });
});
