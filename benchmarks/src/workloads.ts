/**
 * The five training steps that figures are given for: forward, full backpropagation through time, update by gradient descent
 * (rate 0.1), float32. Sizes of batches are run-time values; the data begin as `numbers.ts` says, in every library alike.
 */
import {
  grad,
  mean,
  scan,
  softmax,
  tensor,
  type Shared,
  type Tensor,
  type TensorValue,
} from "@scan-train/core";
import {
  binaryCrossEntropy,
  crossEntropy,
  dense,
  gru,
  lstm,
  meanSquaredError,
  rnn,
  run,
  zero,
} from "@scan-train/core/nn";
import { sgd, type Update } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import { integers, symmetric, units } from "./numbers.ts";

/** A model with its data. */
export interface Workload {
  readonly name: string;
  /** Multiply-add = 2. */
  readonly gigaflop: number;
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** A value for each input. */
  readonly values: Readonly<Record<string, TensorValue>>;
  readonly parameters: readonly Shared[];
  /** The mean loss. */
  readonly cost: Tensor;
  readonly updates: readonly Update[];
  /** What the first three steps must report, to about 1e-5. */
  readonly firstLosses: readonly [number, number, number];
}

type Described = Pick<Workload, "name" | "gigaflop" | "inputs" | "values" | "firstLosses">;

/** Sets the weights Wx, Wh, Wo to what every library starts from; biases stay zero. */
function start(
  cell: readonly Shared[],
  output: readonly Shared[],
  limit: number,
): readonly Shared[] {
  const [Wx, Wh] = cell;
  const [Wo] = output;
  for (const [i, W] of [Wx, Wh, Wo].entries()) W?.set(symmetric(i + 1, W.get().shape, limit));
  return [...cell, ...output];
}

function trained(described: Described, parameters: readonly Shared[], loss: Tensor): Workload {
  const cost = mean(loss);
  return { ...described, parameters, cost, updates: sgd(parameters, grad(cost, parameters), 0.1) };
}

const seeded = { key: key(0), init: { input: zero, state: zero } };

/** S1: the notebook's network, one sequence: h = tanh(x Wx + h Wh), y = softmax(h Wo + bo) per step. */
export function s1(): Workload {
  const [I, H, O, T, B] = [7, 50, 7, 100, 1];
  const x = tensor("x", { shape: ["T", "B", I] });
  const y = tensor("y", { shape: ["T", "B", O] });
  const cell = rnn({ ...seeded, inputSize: I, hiddenSize: H, name: "rnn", bias: false });
  const output = dense({ key: key(0), init: zero, inputSize: H, outputSize: O, name: "output" });
  const parameters = start(cell.parameters, output.parameters, 0.1);
  const { outputs } = scan({
    sequences: { x },
    init: cell.init(x.shape[1] ?? B),
    step: ({ x: row, h }) => {
      const next = cell.step({ x: row, h });
      return { ...next, p: softmax(output(next.h)) };
    },
  });
  const values = {
    x: symmetric(10, [T, B, I], 1),
    y: {
      data: Float32Array.from(units(11, T * B * O), (u) => (u > 0.5 ? 1 : 0)),
      shape: [T, B, O],
    },
  };
  return trained(
    {
      name: "S1",
      gigaflop: 0.002,
      inputs: { x, y },
      values,
      firstLosses: [0.996685, 0.996584, 0.996485],
    },
    parameters,
    binaryCrossEntropy(outputs.p, y),
  );
}

/** S2: the adding problem, masked: the last h of each sequence -> h Wo + bo. */
export function s2(): Workload {
  const [I, H, O, T, B] = [2, 100, 1, 55, 100];
  const x = tensor("x", { shape: ["T", "B", I] });
  const y = tensor("y", { shape: ["B", O] });
  const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
  const cell = rnn({ ...seeded, inputSize: I, hiddenSize: H, name: "rnn" });
  const output = dense({ key: key(0), init: zero, inputSize: H, outputSize: O, name: "output" });
  const parameters = start(cell.parameters, output.parameters, 0.1);
  const { final } = run(cell, x, { lengths });
  return trained(
    {
      name: "S2",
      gigaflop: 0.34,
      inputs: { x, y, lengths },
      values: addingProblem(T, B),
      firstLosses: [1.170431, 0.526561, 0.241528],
    },
    parameters,
    meanSquaredError(output(final.h), y),
  );
}

/** Sequences of (value, mark); the target is the sum of the two marked values. */
function addingProblem(T: number, B: number): Record<"x" | "y" | "lengths", TensorValue> {
  const value = units(10, T * B);
  const lengths = Int32Array.from({ length: B }, (_, b) => 50 + (b % 6));
  const x = new Float32Array(T * B * 2);
  const y = new Float32Array(B);
  for (const [b, length] of lengths.entries()) {
    const marks = [b % 20, 20 + ((7 * b) % 20)];
    for (let t = 0; t < length; t++) {
      x[2 * (t * B + b)] = value[t * B + b] ?? 0;
      x[2 * (t * B + b) + 1] = marks.includes(t) ? 1 : 0;
    }
    y[b] = marks.reduce((sum, t) => sum + (value[t * B + b] ?? 0), 0);
  }
  return {
    x: { data: x, shape: [T, B, 2] },
    y: { data: y, shape: [B, 1] },
    lengths: { data: lengths, shape: [B] },
  };
}

/** S3 and S4: a language model of 64 characters: LSTM, then h Wo + bo per step; rows of Wx are looked up. */
function languageModel(
  H: number,
  described: Pick<Workload, "name" | "gigaflop" | "firstLosses">,
): Workload {
  const [V, T, B] = [64, 64, 32];
  const x = tensor("x", { shape: ["T", "B"], dtype: "int32" });
  const y = tensor("y", { shape: ["T", "B"], dtype: "int32" });
  const cell = lstm({ ...seeded, inputSize: V, hiddenSize: H, name: "lstm", forgetBias: 0 });
  const output = dense({ key: key(0), init: zero, inputSize: H, outputSize: V, name: "output" });
  const parameters = start(cell.parameters, output.parameters, 1 / Math.sqrt(H));
  const { outputs } = run(cell, x);
  const tokens = integers(10, [T + 1, B], V).data;
  const values = {
    x: { data: tokens.slice(0, T * B), shape: [T, B] },
    y: { data: tokens.slice(B), shape: [T, B] },
  };
  return trained(
    { ...described, inputs: { x, y }, values },
    parameters,
    crossEntropy(output(outputs.h), y),
  );
}

export function s3(): Workload {
  return languageModel(128, {
    name: "S3",
    gigaflop: 0.91,
    firstLosses: [4.158948, 4.158904, 4.158858],
  });
}

export function s4(): Workload {
  return languageModel(512, {
    name: "S4",
    gigaflop: 13.3,
    firstLosses: [4.15879, 4.15875, 4.1587],
  });
}

/** S5: a GRU over vectors, then h Wo + bo per step. */
export function s5(): Workload {
  const [I, V, H, T, B] = [64, 64, 256, 128, 64];
  const x = tensor("x", { shape: ["T", "B", I] });
  const y = tensor("y", { shape: ["T", "B"], dtype: "int32" });
  const cell = gru({ ...seeded, inputSize: I, hiddenSize: H, name: "gru" });
  const output = dense({ key: key(0), init: zero, inputSize: H, outputSize: V, name: "output" });
  const parameters = start(cell.parameters, output.parameters, 1 / Math.sqrt(H));
  const { outputs } = run(cell, x);
  const values = { x: symmetric(10, [T, B, I], 1), y: integers(11, [T, B], V) };
  return trained(
    {
      name: "S5",
      gigaflop: 12.1,
      inputs: { x, y },
      values,
      firstLosses: [4.16016, 4.16009, 4.16002],
    },
    parameters,
    crossEntropy(output(outputs.h), y),
  );
}

export const workloads = { S1: s1, S2: s2, S3: s3, S4: s4, S5: s5 } as const;
