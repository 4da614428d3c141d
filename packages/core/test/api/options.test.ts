/** A misspelt option is never ignored, and an option of the wrong kind never changes what is computed in silence. */
import { describe, expect, test } from "vitest";
import {
  grad,
  matrix,
  shared,
  sum,
  tensor,
  tensor3,
  vector,
  type Tensor,
} from "../../src/index.ts";
import { bidirectional, dense, embedding, gru, lstm, rnn } from "../../src/nn.ts";
import { adam, momentum, rmsprop, sgd } from "../../src/optim.ts";
import { key } from "../../src/random.ts";
import { messageOf } from "./message-of.ts";

/** A call as plain JavaScript makes it. */
const refusal = (f: (...args: never[]) => unknown, ...args: unknown[]): string =>
  messageOf(() => (f as (...all: unknown[]) => unknown)(...args)).replace(/\n[\s\S]*/, "");

const x = vector("x");

describe("names of options", () => {
  test("of inputs, shared variables and gradients", () => {
    expect(refusal(tensor, "a", { shape: [1], dtpe: "int32" })).toMatch(
      /TENSOR_OPTION: "a" .*dtpe/,
    );
    expect(refusal(vector, "a", { dype: "int32" })).toMatch(/TENSOR_OPTION: "a" .* dype/);
    expect(refusal(shared, 1, { nam: "w" })).toMatch(/SHARED_OPTION: shared has no option nam/);
    expect(refusal(grad, sum(x), x, { disconnected: "ignore" })).toMatch(/GRAD_OPTION/);
    expect(refusal(grad, sum(x), x, { disconnectedInputs: "zero" })).toMatch(
      /GRAD_OPTION: grad: disconnectedInputs cannot be "zero"/,
    );
  });
  test("of optimisers", () => {
    expect(refusal(adam, { learningRate: 0.1, clipnorm: 1 })).toMatch(
      /OPTIM_OPTION: adam has no option clipnorm/,
    );
    expect(refusal(rmsprop, { learningRate: 0.1, beta1: 1 })).toMatch(
      /rmsprop has no option beta1/,
    );
    expect(messageOf(() => adam({ lr: 0.1 } as never))).toMatchInlineSnapshot(`
      "ArgumentError OPTIM_OPTION: adam has no option lr
        hint: did you mean learningRate? The options are learningRate, clipNorm, beta1, beta2, epsilon"
    `);
    expect(messageOf(() => adam({ learningRate: 0.1, weight_decay: 0.01 } as never)))
      .toMatchInlineSnapshot(`
        "ArgumentError OPTIM_OPTION: adam has no option weight_decay
          hint: adamw({ learningRate: 1e-3, weightDecay: 0.01 }) is the optimiser that has it"
      `);
    expect(messageOf(() => sgd({ learningRate: 0.1, momentum: 0.9 } as never)))
      .toMatchInlineSnapshot(`
        "ArgumentError OPTIM_OPTION: sgd has no option momentum
          hint: momentum({ learningRate: 0.1, momentum: 0.9 }) is an optimiser of its own"
      `);
    expect(messageOf(() => momentum({ learningRate: 0.1, momentun: 0.9 } as never)))
      .toMatchInlineSnapshot(`
        "ArgumentError OPTIM_OPTION: momentum has no option momentun
          hint: did you mean momentum? The options are learningRate, clipNorm, momentum"
      `);
    expect(messageOf(() => sgd(0.1 as never))).toMatchInlineSnapshot(`
      "ArgumentError OPTIM_OPTION: sgd takes options by name, not 0.1
        hint: the options are learningRate, clipNorm"
    `);
  });
  test("of layers and cells", () => {
    const more = { key: key(1), name: "a" };
    const cell = { inputSize: 1, hiddenSize: 2, ...more };
    for (const make of [rnn, gru, lstm])
      expect(refusal(make, { ...cell, hidden: 3 })).toMatch(
        /LAYER_OPTION: .* has no option hidden/,
      );
    expect(refusal(dense, { inputSize: 1, outputSize: 1, ...more, biass: false })).toMatch(
      /LAYER_OPTION: dense has no option biass/,
    );
    expect(refusal(embedding, { count: 0, size: 1, ...more })).toMatch(/embedding: count is 0/);
    expect(refusal(gru, { ...cell, hiddenSize: 1.5 })).toMatch(/gru: hiddenSize is 1.5/);
    expect(refusal(gru, { ...cell, key: 1 })).toMatch(/LAYER_OPTION: gru "a" has no key/);
    expect(refusal(gru, { ...cell, key: x })).toMatch(/RANDOM_KEY/);
    expect(refusal(gru, { ...cell, name: "" })).toMatch(/LAYER_OPTION: gru has no name/);
    const mask = matrix("mask", { dtype: "bool" });
    expect(refusal(bidirectional, gru(cell), gru(cell), tensor3("x"), { mask })).toMatch(
      /LAYER_OPTION: bidirectional has no option mask/,
    );
  });
});

test("an optimiser has a rate and moves what can be moved", () => {
  const w = shared([1, 2], { name: "w" });
  const n = shared([1, 2], { name: "n", dtype: "int32" });
  const rates: readonly (Tensor | string | undefined)[] = [undefined, "0.1", x];
  for (const learningRate of rates)
    expect(refusal(adam, { learningRate })).toMatch(/OPTIM_OPTION: adam: learningRate is/);
  expect(refusal(sgd, [w], [w])).toMatch(/OPTIM_OPTION: sgd: there is no learning rate/);
  expect(refusal(sgd, [n], [n], 0.1)).toMatch(/OPTIM_DTYPE: sgd: "n" is int32/);
  expect(refusal(adam, { learningRate: 0.1, clipNorm: 0 })).toMatch(/OPTIM_OPTION: the norm/);
});
