import { expect, test } from "vitest";
import { evaluate } from "../../src/api/evaluate.ts";
import { constant as tensor } from "../../src/ops/constant.ts";
import { constant, cosine, exponential, linear, warmup, type Schedule } from "../../src/optim.ts";

const at = (schedule: Schedule, steps: readonly number[]): number[] =>
  steps.map((step) => evaluate(schedule(tensor(step, "int32"))).item());

test("constant is the same at every step", () => {
  expect(at(constant(0.3), [0, 1, 1000])).toEqual([0.3, 0.3, 0.3]);
});

test("linear goes straight from one rate to the other and stays there", () => {
  expect(at(linear({ from: 1, to: 0.5, steps: 4 }), [0, 1, 2, 4, 9])).toEqual([
    1, 0.875, 0.75, 0.5, 0.5,
  ]);
});

test("cosine is half a wave", () => {
  const rates = at(cosine({ from: 2, to: 1, steps: 8 }), [0, 2, 4, 8, 100]);
  const wanted = [0, 2, 4, 8, 8].map((t) => 1 + (1 + Math.cos((Math.PI * t) / 8)) / 2);
  for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(wanted[i] ?? NaN, 12);
});

test("exponential multiplies by its factor every `steps` updates, in between too", () => {
  const rates = at(exponential({ from: 0.1, factor: 0.5, steps: 10 }), [0, 5, 10, 20]);
  const wanted = [0.1, 0.1 * Math.SQRT1_2, 0.05, 0.025];
  for (const [i, rate] of rates.entries()) expect(rate).toBeCloseTo(wanted[i] ?? NaN, 12);
});

test("warmup grows to what follows, which starts counting then", () => {
  const rates = at(warmup(4, linear({ from: 1, steps: 10 })), [0, 1, 3, 4, 9]);
  expect(rates).toEqual([0.25, 0.5, 1, 1, 0.5]);
  expect(at(warmup(2, 0.5), [0, 1, 2, 3])).toEqual([0.25, 0.5, 0.5, 0.5]);
});

test("a schedule over no steps is refused", () => {
  expect(() => linear({ from: 1, steps: 0 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: SCHEDULE: linear: steps must be a whole number > 0, got 0]`,
  );
  expect(() => exponential({ from: 1, factor: 0, steps: 3 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: SCHEDULE: exponential: factor must be > 0, got 0]`,
  );
});
