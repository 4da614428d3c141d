/** A budget of memory changes no bit, whatever runs in the loop, and bounds what a call works in. */
import { describe, expect, test } from "vitest";
import {
  add,
  all,
  compile,
  dropUpdates,
  grad,
  index,
  matrix,
  mean,
  mul,
  scan,
  shared,
  sqr,
  stepResult,
  Store,
  sum,
  tanh,
  tensor,
  where,
  zeros,
  type NDArray,
  type Shared,
  type Tensor,
} from "../../src/index.ts";
import { bidirectional, glorotUniform, gru, lstm, run, stacked } from "../../src/nn.ts";
import { key, randomStream } from "../../src/random.ts";
import { numbers } from "../runtime/models.ts";

type Values = Readonly<Record<string, NDArray | readonly number[]>>;

interface Case {
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** `memory` goes to every scan of the graph. */
  readonly outputs: (memory: { readonly memory?: string }) => Readonly<Record<string, Tensor>>;
  readonly values: Values;
  readonly sizes: Readonly<Record<string, number>>;
  /** Of what the call works in without a budget; less is what the least budget must get by with. */
  readonly atMost: number;
}

const x = tensor("x", { shape: ["T", "B", 8] });
const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
const lengthValues = (batch: number, most: number): number[] =>
  Array.from({ length: batch }, (_, b) => (b * 37 + 5) % (most + 1));
const xValues = (steps: number, batch: number): NDArray => numbers(3, [steps, batch, 8], 1);

/** The cost, its gradients, and those of a penalty on their size. */
function learned(
  cost: Tensor,
  parameters: readonly Tensor[],
  order: 1 | 2 = 1,
): Record<string, Tensor> {
  const first = grad(cost, parameters);
  const penalty = first.map((g): Tensor => sum(sqr(g))).reduce((a, b) => add(a, b));
  const second = order === 2 ? grad(penalty, parameters, { disconnectedInputs: "ignore" }) : [];
  return Object.fromEntries(
    [cost, ...first, ...second].map((result, i) => [`result${i}`, result] as const),
  );
}

/** Orthogonal weights take long to draw. */
const plain = { init: { state: glorotUniform } };

const parametersOf = (cell: { readonly parameters: readonly Shared[] }): readonly Shared[] =>
  cell.parameters;

const cases: Readonly<Record<string, Case>> = {
  "an LSTM over padded sequences": {
    inputs: { x, lengths },
    outputs: (memory) => {
      const cell = lstm({ inputSize: 8, hiddenSize: 12, key: key(1), name: "lstm" });
      const { outputs } = run(cell, x, { lengths, ...memory });
      return learned(sum(sqr(outputs.h)), parametersOf(cell));
    },
    values: { x: xValues(60, 64), lengths: lengthValues(64, 60) },
    sizes: { T: 60, B: 64 },
    atMost: 0.7,
  },
  "sums cut at multiples of what a block of rows holds": {
    inputs: { x },
    outputs: (memory) => {
      const cell = gru({ inputSize: 8, hiddenSize: 5, key: key(2), name: "gru" });
      return learned(sum(run(cell, x, memory).final.h), parametersOf(cell));
    },
    values: { x: xValues(300, 7) },
    sizes: { T: 300, B: 7 },
    atMost: 0.6,
  },
  "one sequence of more steps than a block has rows": {
    inputs: { x },
    outputs: (memory) => {
      const cell = lstm({ inputSize: 8, hiddenSize: 20, key: key(3), name: "lstm" });
      return learned(sum(sqr(run(cell, x, memory).final.h)), parametersOf(cell));
    },
    values: { x: xValues(1200, 1) },
    sizes: { T: 1200, B: 1 },
    atMost: 0.5,
  },
  "states wider than a block of the product": {
    inputs: { x },
    outputs: (memory) => {
      const cell = gru({ ...plain, inputSize: 8, hiddenSize: 300, key: key(4), name: "gru" });
      return learned(mean(sqr(run(cell, x, memory).final.h)), parametersOf(cell));
    },
    values: { x: xValues(24, 64) },
    sizes: { T: 24, B: 64 },
    atMost: 0.6,
  },
  "layers on top of each other, and in both directions": {
    inputs: { x, lengths },
    outputs: (memory) => {
      const there = gru({ inputSize: 8, hiddenSize: 6, key: key(5), name: "there" });
      const back = gru({ inputSize: 8, hiddenSize: 6, key: key(6), name: "back" });
      const top = stacked([
        lstm({ inputSize: 12, hiddenSize: 9, key: key(7), name: "top0" }),
        lstm({ inputSize: 9, hiddenSize: 9, key: key(8), name: "top1" }),
      ]);
      const { outputs } = bidirectional(there, back, x, { lengths, ...memory });
      const { final } = run(top, outputs, { lengths, ...memory });
      return learned(sum(sqr(final.h)), [there, back, top].flatMap(parametersOf));
    },
    values: { x: xValues(48, 32), lengths: lengthValues(32, 48) },
    sizes: { T: 48, B: 32 },
    atMost: 0.8,
  },
  "derivatives of gradients": {
    inputs: { x },
    outputs: (memory) => {
      const U = shared(numbers(9, [8, 8], 0.3), { name: "U" });
      const { final } = scan((row = matrix("row"), h = matrix("h")) => tanh(row.add(h.dot(U))), {
        sequences: x,
        outputsInfo: mul(index(x, 0), 0),
        name: "rnn",
        ...memory,
      });
      return learned(sum(sqr(final)), [U], 2);
    },
    values: { x: xValues(300, 4) },
    sizes: { T: 300, B: 4 },
    atMost: 0.8,
  },
  "a state that is a matrix which products are added to": {
    inputs: { x },
    outputs: (memory) => {
      const W = shared(numbers(10, [8, 8], 0.3), { name: "W" });
      const { outputs } = scan(
        (row = matrix("row"), S = matrix("S")) => [
          S.add(
            tanh(row)
              .transpose()
              .dot(tanh(row.dot(W))),
          ),
          tanh(row.dot(S)),
        ],
        { sequences: x, outputsInfo: [mul(W, 0), null], name: "memory", ...memory },
      );
      return learned(sum(sqr(outputs[1])), [W]);
    },
    values: { x: xValues(300, 4) },
    sizes: { T: 300, B: 4 },
    atMost: 0.5,
  },
  "products over different numbers of rows in one step": {
    inputs: { x },
    outputs: (memory) => {
      const V = shared(numbers(14, [5, 5], 0.3), { name: "V" });
      const W = shared(numbers(15, [8, 5], 0.3), { name: "W" });
      const { final } = scan(
        (row = matrix("row"), h = matrix("h")) => {
          const next = tanh(row.dot(W).add(h.dot(V)));
          return next.add(next.transpose().dot(next).dot(V).sum(0).mul(0.1));
        },
        { sequences: x, outputsInfo: zeros([x.size(1), 5]), name: "uneven", ...memory },
      );
      return learned(sum(sqr(final)), [V, W]);
    },
    values: { x: xValues(400, 3) },
    sizes: { T: 400, B: 3 },
    atMost: 0.9,
  },
  "states of one loop as a whole in every step of another": {
    inputs: { x },
    outputs: (memory) => {
      const U = shared(numbers(16, [8, 8], 0.3), { name: "U" });
      const h0 = mul(index(x, 0), 0);
      const encoder = scan((row = matrix("row"), h = matrix("h")) => tanh(row.add(h.dot(U))), {
        sequences: x,
        outputsInfo: h0,
        name: "encoder",
        ...memory,
      });
      const decoder = scan(
        (row = matrix("row"), h = matrix("h"), all = x) =>
          tanh(h.dot(U).add(row).add(all.mul(row).sum(0).mul(0.01))),
        {
          sequences: x,
          outputsInfo: h0,
          nonSequences: encoder.outputs,
          name: "decoder",
          ...memory,
        },
      );
      return learned(sum(sqr(decoder.final)), [U]);
    },
    values: { x: xValues(300, 4) },
    sizes: { T: 300, B: 4 },
    atMost: 1.2,
  },
  "a condition that ends the loop": {
    inputs: { x },
    outputs: (memory) => {
      const U = shared(numbers(11, [8, 8], 0.3), { name: "U" });
      const { outputs } = scan(
        (row = matrix("row"), h = matrix("h")) => {
          const next = h.add(tanh(row.dot(U)).mul(0.01));
          return stepResult(next, { until: all(next.gt(1e9)) });
        },
        { sequences: x, outputsInfo: mul(index(x, 0), 0), name: "until", ...memory },
      );
      return learned(sum(sqr(outputs)), [U]);
    },
    values: { x: xValues(260, 4) },
    sizes: { T: 260, B: 4 },
    atMost: 1.2,
  },
  "a random stream in the step": {
    inputs: { x },
    outputs: (memory) => {
      const U = shared(numbers(12, [8, 8], 0.3), { name: "U" });
      const noise = randomStream(13, "noise");
      const noisyScan = scan(
        (row = matrix("row"), h = matrix("h")) => {
          const noisy = where(noise.bernoulli(0.9, [8]), tanh(row.add(h.dot(U))), 0);
          return stepResult(noisy, { updates: noise.updates() });
        },
        { sequences: x, outputsInfo: mul(index(x, 0), 0), name: "noisy", ...memory },
      );
      const { final } = dropUpdates(noisyScan);
      return learned(sum(sqr(final)), [U]);
    },
    values: { x: xValues(600, 1) },
    sizes: { T: 600, B: 1 },
    atMost: 0.8,
  },
};

async function results(
  { inputs, outputs, values, sizes }: Case,
  memory: string | undefined,
  optimize: "full" | "fast" | "none",
): Promise<{
  readonly arrays: Readonly<Record<string, NDArray>>;
  readonly peak: number;
  readonly program: string;
}> {
  const spec = {
    inputs,
    outputs: outputs(memory === undefined ? {} : { memory }),
    optimize,
    store: new Store(),
  };
  const call = await compile(spec);
  const { peak } = call.memory(sizes);
  return { arrays: call(values), peak, program: call.explain() };
}

async function leastBudget(one: Case, optimize: "full" | "fast" | "none"): Promise<string> {
  const refused = await results(one, "1B", optimize).catch(String);
  const budget = /memory: "(\w+)"/.exec(String(refused))?.[1];
  if (budget === undefined) throw new Error(`not refused: ${String(refused)}`);
  return budget;
}

/** Where two arrays first differ in a bit; -1 where they are equal. */
function firstDifference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Math.min(got.length, want.length);
  return Array.from(want).findIndex((value, i) => !Object.is(got[i], value));
}

describe.each(Object.entries(cases))("%s", (_, one) => {
  test.each(["full", "fast", "none"] as const)("optimize %s", async (optimize) => {
    const whole = await results(one, undefined, optimize);
    const least = await leastBudget(one, optimize);
    const tight = await results(one, least, optimize);
    const runs = [tight];
    // No loop in chunks is left behind as a whole as well.
    expect(tight.program).not.toMatch(/^ *for t[.\d]* < T$/m);
    if (optimize === "full") {
      expect(tight.peak / whole.peak).toBeLessThan(one.atMost);
      const between = Math.max(tight.peak, Math.ceil((whole.peak + tight.peak) / 2));
      const half = await results(one, `${between}B`, optimize);
      expect(half.peak).toBeLessThanOrEqual(between);
      runs.push(half);
    }
    for (const { arrays } of runs)
      for (const [name, { data }] of Object.entries(whole.arrays))
        expect(firstDifference(arrays[name]?.data ?? [], data), name).toBe(-1);
  });
});
