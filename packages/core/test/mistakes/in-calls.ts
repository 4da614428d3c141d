/** Slips in what is compiled, and in calls of what was. */
import {
  compile,
  evaluate,
  matrix,
  scan,
  shared,
  sum,
  take,
  tensor,
  tensor3,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { loosely, type Mistake } from "./mistake.ts";

const x = matrix("x");
const v = vector("v");
const n = vector("n", { dtype: "int32" });
const W = shared([1, 2], { name: "W" });
const table = shared([[1], [2]], { name: "table" });
const compiled = loosely(compile);
const called = async (
  inputs: Readonly<Record<string, Tensor>>,
  y: Tensor,
  ...values: readonly unknown[]
): Promise<unknown> => {
  const call = await compile({ inputs, outputs: { y }, name: "f", unusedInputs: "ignore" });
  return loosely(call)(...values);
};

export const inCalls: readonly Mistake[] = [
  {
    what: "an input that is missing",
    names: "x",
    run: () => compiled({ inputs: {}, outputs: { y: sum(x) } }),
  },
  {
    what: "an input that nothing uses",
    names: "v",
    run: () => compiled({ inputs: { x, v }, outputs: { y: sum(x) } }),
  },
  {
    what: "an output that is a number",
    names: "y",
    run: () => compiled({ inputs: {}, outputs: { y: 3 } }),
  },
  {
    what: "inputs as a list",
    names: "inputs",
    run: () => compiled({ inputs: [x], outputs: { y: sum(x) } }),
  },
  {
    what: "an update of an input",
    names: "v",
    run: () => compiled({ inputs: { v }, outputs: {}, updates: [[v, v.add(1)]] }),
  },
  {
    what: "an update of another shape",
    names: "W",
    run: () => compiled({ inputs: {}, outputs: {}, updates: [[W, sum(W)]] }),
  },
  {
    what: "two updates of one variable",
    names: "W",
    run: () =>
      compiled({
        inputs: {},
        outputs: {},
        updates: [
          [W, W.add(1)],
          [W, W.mul(2)],
        ],
      }),
  },
  {
    what: "updates as a record",
    names: "updates",
    run: () => compiled({ inputs: {}, outputs: {}, updates: { W: W.add(1) } }),
  },
  {
    what: "a misspelt option of compile",
    names: "output",
    run: () => compiled({ inputs: { x }, output: { y: sum(x) } }),
  },
  {
    what: "a word that optimize does not know",
    names: "optimize",
    run: () => compiled({ inputs: { x }, outputs: { y: sum(x) }, optimize: "FAST_RUN" }),
  },
  { what: "values by position", names: "f", run: () => called({ x }, sum(x), [[1]]) },
  { what: "a value that is missing", names: "x", run: () => called({ x }, sum(x), {}) },
  { what: "a misspelt value", names: "xs", run: () => called({ x }, sum(x), { xs: [[1]] }) },
  { what: "a value of another rank", names: "x", run: () => called({ x }, sum(x), { x: [1, 2] }) },
  { what: "a fraction for integers", names: "n", run: () => called({ n }, sum(n), { n: [0.5] }) },
  { what: "a ragged value", names: "x", run: () => called({ x }, sum(x), { x: [[1, 2], [3]] }) },
  {
    what: "an array of another dtype",
    names: "x",
    run: () => called({ x }, sum(x), { x: { data: new Float64Array(1), shape: [1, 1] } }),
  },
  { what: "a text as a value", names: "x", run: () => called({ x }, sum(x), { x: "1" }) },
  {
    what: "sizes that must agree and do not",
    names: "b",
    run: () => {
      const [a, b] = [
        tensor("a", { shape: ["T"], dtype: "float32" }),
        tensor("b", { shape: ["T"], dtype: "float32" }),
      ];
      return called({ a, b }, a.add(b), { a: [1], b: [1, 2] });
    },
  },
  {
    what: "an id outside of a table",
    names: "n",
    run: () => called({ n }, take(table, n), { n: [5] }),
  },
  {
    what: "a length longer than the rows",
    names: "lengths",
    run: () => {
      const [rows, lengths] = [tensor3("rows"), vector("lengths", { dtype: "int32" })];
      const { outputs } = scan((u: Tensor) => u, { sequences: rows, lengths });
      return called({ rows, lengths }, outputs, { rows: [[[1]]], lengths: [4] });
    },
  },
  {
    what: "a call after dispose",
    names: "f",
    run: async () => {
      const f = await compile({ inputs: { v }, outputs: { y: sum(v) }, name: "f" });
      f.dispose();
      return f({ v: [1] });
    },
  },
  { what: "a shared variable set to another shape", names: "W", run: () => W.set([1, 2, 3]) },
  { what: "a shared variable set to a text", names: "W", run: () => loosely(W.set.bind(W))("1") },
  { what: "evaluate without a value", names: "x", run: () => evaluate(sum(x)) },
  {
    what: "evaluate with a value for nothing",
    names: "z",
    run: () => evaluate(sum(zeros([2])), { z: 1 }),
  },
];
