/** What networks are made of beside cells, and whole training steps. */
import {
  add,
  arange,
  argmax,
  crossEntropy,
  customGrad,
  defineOp,
  grad,
  max,
  mean,
  mul,
  round,
  scan,
  sqr,
  sum,
  tanh,
  where,
  zeros,
  type Tensor,
} from "@scan-train/core";
import {
  attention,
  bidirectional,
  ctcLoss,
  dense,
  embedding,
  gru,
  linearRecurrence,
  lstm,
  mgu,
  recurrentDropout,
  residual,
  run,
  stacked,
} from "@scan-train/core/nn";
import { adam } from "@scan-train/core/optim";
import {
  categorical,
  foldIn,
  key,
  normal,
  permutation,
  randomStream,
} from "@scan-train/core/random";
import {
  exact,
  given,
  input,
  integers,
  loose,
  real,
  small,
  tight,
  type ConformanceCase,
} from "../case.ts";
import { withGradients } from "./with-gradients.ts";

const attending: ConformanceCase = {
  name: "attention over padded rows, of which some are empty",
  tolerance: loose,
  build(float) {
    const [query, memory, lengths] = [
      input("query", float, ["B", 3]),
      input("memory", float, ["T", "B", 3]),
      input("lengths", "int32", ["B"]),
    ];
    const { context, weights } = attention(query, memory, tanh(memory), { lengths });
    return withGradients({ query, memory, lengths }, { context, weights }, [query, memory]);
  },
  calls: [
    { query: real(3, 3), memory: real(4, 3, 3), lengths: given([3], [4, 0, 2]) },
    { query: real(1, 3), memory: real(1, 1, 3), lengths: given([1], [1]) },
  ],
};

const ctc: ConformanceCase = {
  name: "CTC of labels with repeats, of none, and of too few steps",
  tolerance: loose,
  build(float) {
    const [logits, labels, steps, counts] = [
      input("logits", float, ["T", "B", 5]),
      input("labels", "int32", ["B", "L"]),
      input("steps", "int32", ["B"]),
      input("counts", "int32", ["B"]),
    ];
    const loss = ctcLoss(logits, labels, steps, counts);
    // A sequence that is too short for its labels costs Infinity.
    const finite = where(loss.lt(1e9), loss, 0);
    return {
      inputs: { logits, labels, steps, counts },
      outputs: { loss, slope: grad(sum(finite), logits) },
    };
  },
  calls: [
    {
      logits: real(7, 4, 5),
      labels: given([4, 3], [1, 1, 2, 3, 0, 0, 0, 0, 0, 4, 4, 4]),
      steps: given([4], [7, 5, 3, 2]),
      counts: given([4], [3, 1, 0, 3]),
    },
  ],
};

const bothWays: ConformanceCase = {
  name: "a bidirectional layer, a gated residual stack and a linear recurrence",
  tolerance: loose,
  build(float) {
    const [x, lengths] = [input("x", float, ["T", "B", 4]), input("lengths", "int32", ["B"])];
    const sizes = { inputSize: 4, hiddenSize: 4, dtype: float };
    const [there, back, below, above, decaying] = [
      gru({ ...sizes, key: key(1), name: "there" }),
      mgu({ ...sizes, key: key(2), name: "back" }),
      lstm({ ...sizes, key: key(3), name: "below" }),
      residual(mgu({ ...sizes, key: key(4), name: "above" })),
      linearRecurrence({ ...sizes, key: key(5), name: "decaying" }),
    ];
    const results = {
      both: bidirectional(there, back, x, { lengths }).outputs,
      stack: run(stacked([below, above]), x, { lengths }).outputs.h,
      linear: run(decaying, x, { lengths }).final.h,
    };
    const parameters = [there, back, below, above, decaying].flatMap((cell) => cell.parameters);
    return withGradients({ x, lengths }, results, [x, ...parameters]);
  },
  calls: [{ x: real(5, 3, 4), lengths: given([3], [5, 2, 4]) }],
};

const training: ConformanceCase = {
  name: "three steps of a language model: embedding, LSTM with dropout, Adam",
  tolerance: loose,
  build(float) {
    const [x, y, lengths, step] = [
      input("x", "int32", ["T", "B"]),
      input("y", "int32", ["B"]),
      input("lengths", "int32", ["B"]),
      input("step", "int32", []),
    ];
    const table = embedding({ count: 6, size: 3, key: key(1), name: "table", dtype: float });
    const inner = lstm({ inputSize: 3, hiddenSize: 5, key: key(2), name: "lstm", dtype: float });
    const cell = recurrentDropout(inner, { rate: 0.4, key: foldIn(key(3), step) });
    const out = dense({ inputSize: 5, outputSize: 4, key: key(4), name: "out", dtype: float });
    const last = run(cell, table(x), { lengths }).final.h;
    const logits = out(last);
    const loss = mean(crossEntropy(logits, y));
    const parameters = [...table.parameters, ...inner.parameters, ...out.parameters];
    // Epsilon is large, since Adam divides the rounding of a gradient near 0 by the gradient.
    const optimizer = adam({ learningRate: 0.05, clipNorm: 1, epsilon: 1e-3 });
    const updates = optimizer.updates(parameters, grad(loss, parameters), { scalars: float });
    return {
      inputs: { x, y, lengths, step },
      outputs: { loss, answer: argmax(logits, 1) },
      updates,
      variables: [...parameters, ...optimizer.state],
    };
  },
  calls: [
    [4, 3],
    [2, 2],
    [4, 3],
  ].map(([T = 0, B = 0], i) => ({
    x: integers(0, 6, T, B),
    y: integers(0, 4, B),
    lengths: integers(1, T + 1, B),
    step: given([], [i]),
  })),
};

const rules: ConformanceCase = {
  name: "ops and derivatives of users",
  tolerance: loose,
  build(float) {
    const [x, gain] = [input("x", float, ["T", 3]), input("gain", float, [3])];
    const roundThrough = customGrad({
      name: "roundThrough",
      forward: (z: Tensor) => round(z),
      pullback: ({ cotangents: [g] }) => mul(g, 0.5),
    });
    const scaled = defineOp({
      name: "scaled",
      inputs: [
        { name: "x", shape: ["B"] },
        { name: "gain", shape: ["B"] },
      ],
      build: (z, g) => mul(z, tanh(g)),
      examples: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    });
    const { outputs } = scan({
      sequences: { x_t: x },
      init: { h: zeros([3], float) },
      step: ({ x_t, h }) => ({ h: add(scaled(h, gain), roundThrough(x_t)) }),
    });
    return withGradients({ x, gain }, { h: outputs.h }, [x, gain]);
  },
  calls: [{ x: real(5, 3), gain: small(3) }],
};

const chances: readonly ConformanceCase[] = [
  {
    name: "choices, orders and streams, bit for bit",
    tolerance: exact,
    build() {
      const n = input("n", "int32", []);
      const stream = randomStream(7, "stream");
      return {
        inputs: { n },
        outputs: {
          choices: categorical(
            foldIn(key(1), n),
            mul(add(zeros([4, 5], "float32"), arange(5)), 0.25),
          ),
          order: permutation(foldIn(key(2), n), 11),
          dice: stream.randint(1, 7, [9]),
          uniform: stream.uniform([3, 3]),
        },
        updates: stream.updates(),
        variables: [stream.state],
      };
    },
    calls: [0, 1, 1].map((n) => ({ n: given([], [n]) })),
  },
  {
    name: "noise in every step of a loop, and its greatest",
    tolerance: tight,
    build() {
      const x = input("x", "float32", ["T", 4]);
      const stream = randomStream(3, "noise");
      const noise = mul(normal(key(9), [4]), 0.1);
      const { outputs, updates } = scan({
        sequences: { x_t: x },
        init: {},
        step: ({ x_t }) => ({ y: add(sqr(x_t), noise) }),
      });
      return {
        inputs: { x },
        outputs: { y: outputs.y, greatest: max(outputs.y, 1), coin: stream.uniform([2]) },
        updates: [...updates, ...stream.updates()],
        variables: [stream.state],
      };
    },
    calls: [{ x: real(3, 4) }, { x: real(2, 4) }],
  },
];

export const networkCases: readonly ConformanceCase[] = [
  attending,
  ctc,
  bothWays,
  training,
  rules,
  ...chances,
];
