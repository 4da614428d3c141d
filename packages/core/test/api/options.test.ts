/** A misspelt option is never ignored, and an option of the wrong kind never changes what is computed in silence. */
import { describe, expect, test } from "vitest";
import { compilePlan, compileProgram } from "../../src/backend-kit.ts";
import {
  all,
  any,
  argmax,
  argmin,
  compile,
  constant,
  evaluate,
  grad,
  gradCheck,
  index,
  logSumExp,
  matrix,
  max,
  mean,
  min,
  prod,
  setSubtensor,
  shared,
  stepResult,
  sum,
  tensor,
  tensor3,
  vector,
  type Tensor,
} from "../../src/index.ts";
import { bidirectional, dense, embedding, gru, lstm, rnn } from "../../src/nn.ts";
import { adam, cosine, exponential, linear, momentum, rmsprop, sgd } from "../../src/optim.ts";
import { key, normal, uniform } from "../../src/random.ts";
import { rejectionOf } from "../compile/rejection-of.ts";
import { messageOf } from "./message-of.ts";

/** What a call says as plain JavaScript makes it. */
const message = (f: (...args: never[]) => unknown, ...args: unknown[]): string =>
  messageOf(() => (f as (...all: unknown[]) => unknown)(...args));
/** Without the hint. */
const refusal = (f: (...args: never[]) => unknown, ...args: unknown[]): string =>
  message(f, ...args).replace(/\n[\s\S]*/, "");

const x = vector("x");

describe("names of options", () => {
  test("of inputs, shared variables and gradients", () => {
    expect(refusal(tensor, "a", { shape: [1], dtpe: "int32" })).toMatch(
      /TENSOR_OPTION: "a" .*dtpe/,
    );
    expect(refusal(vector, "a", { dype: "int32" })).toMatch(/TENSOR_OPTION: "a" .* dype/);
    expect(refusal(vector, "a", { shape: [3] })).toMatch(/TENSOR_OPTION: "a" has no option shape/);
    expect(refusal(vector, "a", "int32")).toMatch(/"a" takes options by name, not "int32"/);
    expect(refusal(tensor, "a", { dtype: "int32" })).toMatch(/SIZE: "a": the shape is not a list/);
    expect(refusal(shared, 1, { nam: "w" })).toMatch(/SHARED_OPTION: shared has no option nam/);
    expect(refusal(grad, sum(x), x, { disconnected: "ignore" })).toMatch(/GRAD_OPTION/);
    expect(refusal(grad, sum(x), x, { disconnectedInputs: "zero" })).toMatch(
      /GRAD_OPTION: grad: disconnectedInputs cannot be "zero"/,
    );
    expect(message(gradCheck, sum(x), [x], { x: [1] }, { tol: 1e-3 })).toMatchInlineSnapshot(`
      "ArgumentError GRAD_OPTION: gradCheck has no option tol
        hint: did you mean tolerance? The options are tolerance, step"
    `);
    expect(message(gradCheck, sum(x), [x], { x: [1] }, 1e-3)).toMatchInlineSnapshot(`
      "ArgumentError GRAD_OPTION: gradCheck takes options by name, not 0.001
        hint: the options are tolerance, step"
    `);
  });
  test("of what a step returns", () => {
    expect(message(stepResult, x, { update: [] })).toMatchInlineSnapshot(`
      "ArgumentError SCAN_OPTION: stepResult has no option update
        hint: did you mean updates? The options are updates, until"
    `);
    expect(message(stepResult, x)).toMatchInlineSnapshot(`
      "ArgumentError SCAN_OPTION: stepResult takes options by name, not undefined
        hint: the options are updates, until"
    `);
  });
  test("of reductions, of which map passes none", () => {
    for (const reduce of [sum, prod, mean, max, min, any, all, argmax, argmin, logSumExp])
      expect(refusal(reduce, x, 0, { keepDim: true })).toBe(
        `ArgumentError REDUCE_OPTION: ${reduce.name} has no option keepDim`,
      );
    expect(message(sum, x, 0, { keepDims: true })).toMatchInlineSnapshot(`
      "ArgumentError REDUCE_OPTION: sum has no option keepDims
        hint: did you mean keepdims? The only option is keepdims"
    `);
    expect(message(() => [x].map(sum as never))).toMatchInlineSnapshot(`
      "ArgumentError REDUCE_OPTION: sum takes options by name, not a list
        hint: the only option is keepdims"
    `);
  });
  test("of slices, and what is no slice", () => {
    expect(message(index, x, { end: 2 })).toMatchInlineSnapshot(`
      "ArgumentError INDEX_VALUE: index: a slice has no option end
        hint: did you mean stop? The options are start, stop, step"
    `);
    expect(message(setSubtensor, x, [{ from: 1 }], 0)).toMatchInlineSnapshot(`
      "ArgumentError INDEX_VALUE: index: a slice has no option from
        hint: did you mean start? The options are start, stop, step"
    `);
    expect(message(index, x, new Int32Array([0]))).toMatchInlineSnapshot(`
      "ArgumentError INDEX_VALUE: index: an instance of Int32Array is no index
        hint: give places as a list of numbers, or as an int32 tensor"
    `);
    expect(message(index, x, evaluate(constant([0], "int32")))).toMatch(/INDEX_VALUE: .*NDArray/);
    expect(message(index, x, x.shape[0])).toMatch(/INDEX_VALUE: .* an instance of Size/);
  });
  test("of random numbers, and their dtypes", () => {
    expect(message(uniform, key(1), [2], { min: 1 })).toMatchInlineSnapshot(`
      "ArgumentError RANDOM_OPTION: uniform has no option min
        hint: did you mean low? The options are low, high, dtype"
    `);
    expect(message(normal, key(1), [2], { std: 2 })).toMatchInlineSnapshot(`
      "ArgumentError RANDOM_OPTION: normal has no option std
        hint: did you mean deviation? The options are mean, deviation, dtype"
    `);
    expect(message(uniform, key(1), [2], { dtype: "int32" })).toMatchInlineSnapshot(`
      "ArgumentError RANDOM_OPTION: uniform: dtype cannot be "int32"
        hint: it is float32 or float64; whole numbers come from randint, booleans from bernoulli"
    `);
    expect(refusal(normal, key(1), [2], "float64")).toMatch(/normal takes options by name/);
  });
  test("of schedules", () => {
    expect(message(linear, { start: 0.1, steps: 10 })).toMatchInlineSnapshot(`
      "ArgumentError SCHEDULE: linear has no option start
        hint: did you mean from? The options are from, to, steps"
    `);
    expect(refusal(cosine, { from: 1, step: 10 })).toMatch(/SCHEDULE: cosine has no option step/);
    expect(refusal(exponential, { from: 1, gamma: 0.5, steps: 1 })).toMatch(
      /SCHEDULE: exponential has no option gamma/,
    );
  });
  test("of programs and plans", async () => {
    const spec = { inputs: { x }, outputs: { y: x } };
    expect(await rejectionOf(compilePlan({ ...spec, givens: [] } as never))).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_OPTION: compilePlan has no option givens
        hint: the options are inputs, outputs, updates, name, unusedInputs, optimize, sharedMemory"
    `);
    expect(refusal(compileProgram, { ...spec, optimise: "none" })).toMatch(
      /COMPILE_OPTION: compileProgram has no option optimise/,
    );
    expect(await rejectionOf(compile(undefined as never))).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_OPTION: compile takes options by name, not undefined
        hint: the options are inputs, outputs, updates, givens, backend, optimize, check, numerics, name, unusedInputs, store"
    `);
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
