import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { matrix, tensor } from "../../src/api/tensors.ts";
import { mean } from "../../src/ops/axes.ts";
import { constant } from "../../src/ops/constant.ts";
import { relu } from "../../src/ops/transcendental.ts";
import {
  crossEntropy,
  dense,
  embedding,
  gru,
  layer,
  lstm,
  meanSquaredError,
  rnn,
  run,
  sequential,
} from "../../src/nn.ts";
import { adam } from "../../src/optim.ts";
import { key, split } from "../../src/random.ts";
import { index } from "../../src/ops/subtensor.ts";

test("dense is x W + b along the last axis, then its activation", () => {
  const output = dense({ inputSize: 2, outputSize: 2, key: key(1), name: "out", activation: relu });
  const [W, b] = output.parameters;
  W?.set([
    [1, 2],
    [3, 4],
  ]);
  b?.set([10, -100]);
  expect(evaluate(output(constant([[[1, 1]], [[0, 2]]]))).toArray()).toEqual([
    [[14, 0]],
    [[16, 0]],
  ]);
  expect(
    dense({ inputSize: 2, outputSize: 3, key: key(1), name: "d", bias: false }).parameters.map(
      (p) => p.name,
    ),
  ).toEqual(["d.W"]);
});

test("embedding looks rows up, and only they get gradients", () => {
  const letters = embedding({ count: 3, size: 2, key: key(1), name: "letters" });
  const [table] = letters.parameters;
  table?.set([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  const x = letters(
    constant(
      [
        [2, 0],
        [2, 2],
      ],
      "int32",
    ),
  );
  expect(evaluate(x).toArray()).toEqual([
    [
      [5, 6],
      [1, 2],
    ],
    [
      [5, 6],
      [5, 6],
    ],
  ]);
  expect(evaluate(grad(mean(x), letters.parameters))[0]?.toArray()).toEqual([
    [0.125, 0.125],
    [0, 0],
    [0.375, 0.375],
  ]);
});

test("meanSquaredError keeps one loss per example, and says what to do without an axis of features", () => {
  const loss = meanSquaredError(
    constant([
      [1, 2],
      [3, 4],
    ]),
    constant([
      [1, 4],
      [0, 4],
    ]),
  );
  expect(evaluate(loss).toArray()).toEqual([2, 4.5]);
  expect(() => meanSquaredError(matrix("p"), constant([1]))).toThrowErrorMatchingInlineSnapshot(`
    [ShapeError: LOSS_RANK: meanSquaredError: constant f32[1] f32[1] has no axis of features
      hint: give [B, N]; one number per example is expandDims(x, -1), [B, 1]]
  `);
});

test("run says what a batch of sequences is", () => {
  const cell = rnn({ inputSize: 2, hiddenSize: 2, key: key(1), name: "rnn" });
  expect(() => run(cell, tensor("v", { shape: ["T"] }))).toThrowErrorMatchingInlineSnapshot(`
    [ShapeError: RUN_INPUT: run: "v" f32[T] is no batch of sequences
      hint: give [T, B, I], or int32 ids [T, B]]
  `);
});

test("a stack of layers, compiled, learns which letter came two steps before", async () => {
  const keys = split(key(3), 4);
  const model = sequential([
    embedding({ count: 5, size: 8, key: index(keys, 0), name: "letters" }),
    layer(gru({ inputSize: 8, hiddenSize: 24, key: index(keys, 1), name: "first" })),
    layer(lstm({ inputSize: 24, hiddenSize: 24, key: index(keys, 2), name: "second" })),
    dense({ inputSize: 24, outputSize: 5, key: index(keys, 3), name: "output" }),
  ]);
  const ids = tensor("ids", { shape: ["T", "B"], dtype: "int32" });
  const labels = tensor("labels", { shape: ["T", "B"], dtype: "int32" });
  const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
  const cost = mean(crossEntropy(model(ids, { lengths }), labels));
  const optimizer = adam({ learningRate: 0.02, clipNorm: 1 });
  const updates = optimizer.updates(model.parameters, grad(cost, model.parameters));
  const train = await compile({ inputs: { ids, labels, lengths }, outputs: { cost }, updates });
  const rows = Array.from({ length: 12 }, (_, t) =>
    Array.from({ length: 8 }, (__, b) => (t * t * 3 + b * 7 + t * b) % 5),
  );
  const values = {
    ids: rows,
    labels: rows.map((row, t) => rows[t - 2] ?? row),
    lengths: rows[0]?.map(() => 12) ?? [],
  };
  const losses = Array.from({ length: 150 }, () => train(values).cost.item());
  expect(losses[0]).toBeGreaterThan(1.5);
  expect(losses.at(-1)).toBeLessThan(0.1);
});
