/** A misspelt option of an optimiser or a schedule is never ignored, and one of another library is translated. */
import { describe, expect, test } from "vitest";
import { shared, vector, type Tensor } from "../../src/index.ts";
import {
  adagrad,
  adam,
  adamw,
  constant,
  cosine,
  exponential,
  linear,
  momentum,
  nesterov,
  rmsprop,
  sgd,
  warmup,
} from "../../src/optim.ts";
import { messageOf } from "../api/message-of.ts";
import { message, refusal } from "../api/refusal.ts";

const x = vector("x");

describe("names of options", () => {
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
  test("of an optimiser that is given parameters", () => {
    expect(messageOf(() => adam([] as never))).toMatchInlineSnapshot(`
      "ArgumentError OPTIM_OPTION: adam takes options by name, not a list
        hint: adam({ learningRate: 0.01 }).updates(parameters, gradients) gives the updates"
    `);
  });
  test("of optimisers that are given none", () => {
    expect(message(adam)).toMatchInlineSnapshot(`
      "ArgumentError OPTIM_OPTION: adam takes options by name, not undefined
        hint: the options are learningRate, clipNorm, beta1, beta2, epsilon"
    `);
    for (const make of [adamw, adagrad, momentum, nesterov, rmsprop, sgd])
      expect(refusal(make)).toMatch(/OPTIM_OPTION: \w+ takes options by name, not undefined/);
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
    expect(message(linear, { steps: 10 })).toMatchInlineSnapshot(`
      "ArgumentError SCHEDULE: linear: from is undefined
        hint: give a number: linear({ from: 0.1, to: 0, steps: 1000 })"
    `);
    expect(refusal(cosine, { from: 1, to: NaN, steps: 10 })).toMatch(/SCHEDULE: cosine: to is NaN/);
    expect(refusal(exponential, { factor: 0.5, steps: 10 })).toMatch(
      /SCHEDULE: exponential: from is undefined/,
    );
    expect(refusal(constant)).toMatch(/SCHEDULE: constant: the rate is undefined/);
    expect(message(warmup, 10)).toMatchInlineSnapshot(`
      "ArgumentError SCHEDULE: warmup: what follows is undefined
        hint: give a number or a schedule: warmup(100, cosine({ from: 3e-3, steps: 10_000 }))"
    `);
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
