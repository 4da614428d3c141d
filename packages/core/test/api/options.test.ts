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
  max,
  mean,
  min,
  prod,
  setSubtensor,
  shared,
  stepResult,
  sum,
  tensor,
  vector,
} from "../../src/index.ts";
import { key, normal, uniform } from "../../src/random.ts";
import { rejectionOf } from "../compile/rejection-of.ts";
import { message, refusal } from "./refusal.ts";

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
        hint: the options are inputs, outputs, updates, givens, backend, optimize, check, numerics, name, unusedInputs, onPrint, profile, store"
    `);
  });
});
