/** Slips in steps of scan, and in what scan is given. */
import {
  compile,
  grad,
  gt,
  matrix,
  scan,
  shared,
  stepResult,
  sum,
  tanh,
  tensor,
  tensor3,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { randomStream } from "../../src/random.ts";
import { loosely, type Mistake } from "./mistake.ts";

const x = matrix("x"); // [T, D]
const seq = tensor3("seq"); // [T, B, D]
const v = vector("v");
const W = shared([[0.1]], { name: "W" });
const count = shared(0, { name: "count", dtype: "int32" });
const [T, B] = [5, 3];
const fixed = tensor("fixed", { shape: [T, B, 4], dtype: "float32" });
const run = loosely(scan);

export const inSteps: readonly Mistake[] = [
  {
    what: "a step that returns a number",
    names: "rnn",
    run: () => run(() => 1, { sequences: x, name: "rnn" }),
  },
  {
    what: "a step without return",
    names: "rnn",
    run: () =>
      run(
        (u: Tensor) => {
          tanh(u);
        },
        { sequences: x, name: "rnn" },
      ),
  },
  {
    what: "a list in a list",
    names: "rnn",
    run: () => run((u: Tensor) => [[u]], { sequences: x, name: "rnn" }),
  },
  {
    what: "an output too many for outputsInfo",
    names: "outputsInfo",
    run: () => run((u: Tensor, h: Tensor) => [h, u], { sequences: v, outputsInfo: [0] }),
  },
  {
    what: "an output too few for outputsInfo",
    names: "outputsInfo",
    run: () =>
      run((u: Tensor, h: Tensor, c: Tensor) => h.add(u).add(c), {
        sequences: v,
        outputsInfo: [0, 1],
      }),
  },
  {
    what: "a state that loses its axis",
    names: "h0",
    run: () =>
      run((u: Tensor, h: Tensor) => sum(h.add(u)), {
        sequences: x,
        outputsInfo: Object.assign(zeros([4]), { name: "h0" }),
      }),
  },
  {
    what: "a state that grows",
    names: "h0",
    run: () =>
      run((u: Tensor, h: Tensor) => h.add(zeros([2, 1])), {
        sequences: x,
        outputsInfo: Object.assign(zeros([4]), { name: "h0" }),
      }),
  },
  {
    what: "a state that becomes float64",
    names: "h0",
    run: () =>
      run((u: Tensor, h: Tensor) => h.add(zeros([4], "float64")), {
        sequences: x,
        outputsInfo: Object.assign(zeros([4]), { name: "h0" }),
      }),
  },
  {
    what: "a misspelt argument of a step",
    names: "hPrev",
    run: () =>
      run({
        sequences: { x },
        init: { h: zeros([4]) },
        step: ({ hPrev }: Record<string, Tensor>) => ({ h: hPrev }),
      }),
  },
  {
    what: "a state that the step does not give",
    names: "h",
    run: () =>
      run({
        sequences: { x },
        init: { h: zeros([4]) },
        step: ({ x: u }: Record<string, Tensor>) => ({ hNew: u }),
      }),
  },
  {
    what: "a compiled function as the step",
    names: "rnn",
    run: () =>
      run(
        Object.assign(() => ({}), { explain: () => "", dispose: () => undefined }),
        { sequences: x, name: "rnn" },
      ),
  },
  {
    what: "an async step",
    names: "rnn",
    run: () => run(async (u: Tensor) => u, { sequences: x, name: "rnn" }),
  },
  { what: "no step", names: "step", run: () => run(undefined, { sequences: x }) },
  {
    what: "a scalar as a sequence",
    names: "rate",
    run: () => run((u: Tensor) => u, { sequences: Object.assign(zeros([]), { name: "rate" }) }),
  },
  {
    what: "a number as a sequence",
    names: "sequences",
    run: () => run((u: Tensor) => u, { sequences: 3 }),
  },
  {
    what: "neither sequences nor nSteps",
    names: "walk",
    run: () => run((h: Tensor) => h, { outputsInfo: 0, name: "walk" }),
  },
  {
    what: "half a step",
    names: "nSteps",
    run: () => run((h: Tensor) => h, { outputsInfo: 0, nSteps: 2.5 }),
  },
  {
    what: "a negative number of steps",
    names: "nSteps",
    run: () => run((h: Tensor) => h, { outputsInfo: 0, nSteps: -1 }),
  },
  {
    what: "a tap of a state in the future",
    names: "taps",
    run: () =>
      run((h: Tensor) => h, { outputsInfo: { initial: zeros([2]), taps: [0] }, nSteps: 2 }),
  },
  {
    what: "an initial state too short for its taps",
    names: "start",
    run: () =>
      run((a: Tensor, b: Tensor) => a.add(b), {
        outputsInfo: { initial: Object.assign(zeros([1]), { name: "start" }), taps: [-3, -1] },
        nSteps: 2,
      }),
  },
  {
    what: "a stray axis in the initial state of a padded scan",
    names: "h0",
    run: () =>
      run((u: Tensor, h: Tensor) => h.add(u), {
        sequences: fixed,
        outputsInfo: Object.assign(zeros([7, 4]), { name: "h0" }),
        lengths: tensor("lengths", { shape: [B], dtype: "int32" }),
      }),
  },
  {
    what: "lengths that are floats",
    names: "lengths",
    run: () => run((u: Tensor) => u, { sequences: seq, lengths: vector("lengths") }),
  },
  {
    what: "lengths as a list",
    names: "lengths",
    run: () => run((u: Tensor) => u, { sequences: seq, lengths: [1, 2] }),
  },
  {
    what: "a mask of floats",
    names: "mask",
    run: () => run((u: Tensor) => u, { sequences: seq, mask: matrix("mask") }),
  },
  {
    what: "a mask with the batch first",
    names: "mask",
    run: () =>
      run((u: Tensor) => u, {
        sequences: fixed,
        mask: tensor("mask", { shape: [B, T], dtype: "bool" }),
      }),
  },
  {
    what: "mask and lengths",
    names: "mask",
    run: () =>
      run((u: Tensor) => u, {
        sequences: seq,
        mask: matrix("mask", { dtype: "bool" }),
        lengths: vector("n", { dtype: "int32" }),
      }),
  },
  {
    what: "a condition that is no bool",
    names: "until",
    run: () =>
      run((h: Tensor) => stepResult(h, { until: loosely(h) }), { outputsInfo: 1, nSteps: 3 }),
  },
  {
    what: "a window of no steps",
    names: "truncateGradient",
    run: () => run((u: Tensor) => u, { sequences: x, truncateGradient: 0 }),
  },
  {
    what: "a misspelt option",
    names: "sequence",
    run: () => run((u: Tensor) => u, { sequence: x }),
  },
  {
    what: "an option of Theano that is the whole function's",
    names: "mode",
    run: () => run((u: Tensor) => u, { sequences: x, mode: "FAST_RUN" }),
  },
  {
    what: "a shared variable that strict does not know",
    names: "W",
    run: () =>
      run((u: Tensor) => u.dot(W), {
        sequences: tensor("s", { shape: [T, 1], dtype: "float32" }),
        strict: true,
      }),
  },
  {
    what: "resets that are floats",
    names: "resets",
    run: () =>
      run((u: Tensor, h: Tensor) => h.add(u), {
        sequences: seq,
        outputsInfo: zeros([seq.size(1), seq.size(2)]),
        resets: matrix("resets"),
      }),
  },
  {
    what: "goBackwards as a text",
    names: "goBackwards",
    run: () => run((u: Tensor) => u, { sequences: x, goBackwards: "yes" }),
  },
  {
    what: "sequences of different length",
    names: "b",
    run: () =>
      run((a: Tensor, b: Tensor) => a.add(b), {
        sequences: [
          tensor("a", { shape: [4], dtype: "float32" }),
          tensor("b", { shape: [6], dtype: "float32" }),
        ],
        lengths: vector("n", { dtype: "int32" }),
      }),
  },
  {
    what: "an argument of the step used outside",
    names: "u",
    run: () => {
      let leaked: Tensor = v;
      scan({
        sequences: { u: v },
        step: ({ u }) => {
          leaked = u;
          return { y: u };
        },
      });
      return compile({ inputs: { v }, outputs: { leaked: leaked.add(1) } });
    },
  },
  {
    what: "forgotten updates of a scan",
    names: "count",
    run: () => {
      const { outputs } = scan((u: Tensor) => stepResult(u, { updates: [[count, count.add(1)]] }), {
        sequences: v,
      });
      return compile({ inputs: { v }, outputs: { outputs } });
    },
  },
  {
    what: "updates of an inner scan that get lost",
    names: "count",
    run: () =>
      scan(
        (row: Tensor) =>
          scan((u: Tensor) => stepResult(u, { updates: [[count, count.add(1)]] }), {
            sequences: row,
          }).outputs,
        { sequences: x },
      ),
  },
  {
    what: "a stream that stands still",
    names: "noise",
    run: () => {
      const stream = randomStream(1, "noise");
      return scan(() => stream.normal([]), { nSteps: 3 });
    },
  },
  {
    what: "the gradient of all states",
    names: "hidden",
    run: () => {
      const { outputs } = scan((u: Tensor, h: Tensor) => tanh(h.add(u)), {
        sequences: v,
        outputsInfo: 0,
      });
      return grad(Object.assign(outputs, { name: "hidden" }), v);
    },
  },
  {
    what: "an update of what is not shared",
    names: "u",
    run: () =>
      run(
        (u: Tensor) =>
          stepResult(u, { updates: loosely([[Object.assign(u.add(0), { name: "u" }), u]]) }),
        { sequences: v },
      ),
  },
  {
    what: "a condition of a wrong shape",
    names: "until",
    run: () =>
      run((h: Tensor) => stepResult(h, { until: gt(zeros([2, 2]), 0) }), {
        outputsInfo: zeros([3]),
        nSteps: 3,
      }),
  },
];
