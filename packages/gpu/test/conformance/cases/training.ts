/** Cells, layers, losses and optimisers as models use them. */
import {
  add,
  crossEntropy,
  grad,
  mean,
  mul,
  reverse,
  shared,
  sum,
  type Shared,
  type Tensor,
  type Update,
} from "@scan-train/core";
import {
  dense,
  gru,
  layerNormLstm,
  lstm,
  peepholeLstm,
  rnn,
  run,
  type Cell,
} from "@scan-train/core/nn";
import {
  adagrad,
  adam,
  adamw,
  cosine,
  linear,
  momentum,
  nesterov,
  rmsprop,
  sgd,
  type Optimizer,
} from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import {
  input,
  integers,
  given,
  loose,
  real,
  tight,
  type ConformanceCase,
  type Float,
} from "../case.ts";

/** What a case needs of a cell that runs. */
interface RunningCell {
  readonly parameters: readonly Shared[];
  /** The last states `[B, H]`. */
  readonly last: (x: Tensor, lengths: Tensor<"int32">) => Tensor;
}

const running = <S extends { readonly h: Tensor }>(cell: Cell<S>): RunningCell => ({
  parameters: cell.parameters,
  last: (x, lengths) => run(cell, x, { lengths }).final.h,
});

function cellCase(name: string, make: (float: Float) => RunningCell): ConformanceCase {
  return {
    name: `${name} over padded rows, with all gradients`,
    tolerance: loose,
    build(float) {
      const [x, y, lengths] = [
        input("x", float, ["T", "B", 3]),
        input("y", "int32", ["B"]),
        input("lengths", "int32", ["B"]),
      ];
      const cell = make(float);
      const readOut = dense({ ...options, inputSize: 4, outputSize: 3, dtype: float });
      const loss = mean(crossEntropy(readOut(cell.last(x, lengths)), y));
      const parameters = [...cell.parameters, ...readOut.parameters];
      const slopes = grad(loss, parameters);
      const named = parameters.map(
        (p, i) => [`gradient of ${p.name ?? i}`, slopes[i] ?? loss] as const,
      );
      return { inputs: { x, y, lengths }, outputs: { loss, ...Object.fromEntries(named) } };
    },
    calls: [{ x: real(5, 3, 3), y: integers(0, 3, 3), lengths: given([3], [5, 2, 3]) }],
  };
}

const options = { key: key(1), name: "part" };
const sizes = { ...options, inputSize: 3, hiddenSize: 4 };

const cells: readonly ConformanceCase[] = [
  cellCase("rnn", (dtype) => running(rnn({ ...sizes, dtype }))),
  cellCase("gru", (dtype) => running(gru({ ...sizes, dtype }))),
  cellCase("lstm", (dtype) => running(lstm({ ...sizes, dtype }))),
  cellCase("peepholeLstm", (dtype) => running(peepholeLstm({ ...sizes, dtype }))),
  cellCase("layerNormLstm", (dtype) => running(layerNormLstm({ ...sizes, dtype }))),
];

const optimisers: Readonly<Record<string, () => Optimizer>> = {
  sgd: () => sgd({ learningRate: 0.1, clipNorm: 0.5 }),
  momentum: () => momentum({ learningRate: 0.1 }),
  nesterov: () => nesterov({ learningRate: linear({ from: 0.1, to: 0.01, steps: 4 }) }),
  rmsprop: () => rmsprop({ learningRate: 0.01 }),
  adagrad: () => adagrad({ learningRate: 0.1 }),
  adam: () => adam({ learningRate: cosine({ from: 0.01, steps: 10 }), clipNorm: 1 }),
  adamw: () => adamw({ learningRate: 0.01 }),
};

const rules = Object.entries(optimisers).map(([name, make]): ConformanceCase => ({
  name: `three updates by ${name}`,
  tolerance: loose,
  build(float) {
    const x = input("x", float, ["B", 3]);
    const w: Shared = shared([0.5, -1, 2], { name: "w", dtype: float });
    const b: Shared = shared(0.25, { name: "b", dtype: float });
    const loss = mean(sum(x.mul(w), 1).add(b).sub(1).sqr());
    const optimizer = make();
    const updates = optimizer.updates([w, b], grad(loss, [w, b]), { scalars: float });
    return { inputs: { x }, outputs: { loss }, updates, variables: [w, b, ...optimizer.state] };
  },
  calls: [{ x: real(4, 3) }, { x: real(2, 3) }, { x: real(4, 3) }],
}));

/** New values are made of old ones, whatever is written first. */
const mutual: ConformanceCase = {
  name: "variables whose new values read each other's old ones",
  tolerance: tight,
  build(float) {
    const x = input("x", float, [3]);
    const [a, b, c, d] = [
      shared([1, 2, 3], { name: "a", dtype: float }),
      shared([4, 5, 6], { name: "b", dtype: float }),
      shared(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { name: "c", dtype: float },
      ),
      shared([7, 8, 9], { name: "d", dtype: float }),
    ];
    const updates: readonly Update[] = [
      [a, add(b, x)],
      [b, reverse(a)],
      [c, add(mul(c, 2), a)],
      [d, add(d, sum(c))],
    ];
    return { inputs: { x }, outputs: { old: mul(a, d) }, updates, variables: [a, b, c, d] };
  },
  calls: [{ x: real(3) }, { x: real(3) }, { x: real(3) }],
};

export const trainingCases: readonly ConformanceCase[] = [...cells, ...rules, mutual];
