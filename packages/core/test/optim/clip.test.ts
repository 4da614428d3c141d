import { expect, test } from "vitest";
import { evaluate } from "../../src/api/evaluate.ts";
import { constant } from "../../src/ops/constant.ts";
import { clipGradients, globalNorm } from "../../src/optim.ts";

const clipped = (x: readonly number[], y: readonly number[], norm: number): unknown =>
  evaluate(clipGradients([constant(x), constant(y, "float64")], norm)).map((g) => g.toArray());

test("gradients longer than the norm are scaled together, each in its own dtype", () => {
  expect(evaluate(globalNorm([constant([3, 0]), constant([[4]], "float64")])).item()).toBe(5);
  expect(clipped([3, 0], [4], 2.5)).toEqual([[1.5, 0], [2]]);
});

test("shorter gradients, and zeros, stay as they are", () => {
  expect(clipped([3, 0], [4], 5)).toEqual([[3, 0], [4]]);
  expect(clipped([0, 0], [0], 1)).toEqual([[0, 0], [0]]);
});

test("NaN stays NaN", () => {
  expect(clipped([3, NaN], [4], 1)).toEqual([[NaN, NaN], [NaN]]);
});

test("a norm that is not positive is refused", () => {
  expect(() => clipGradients([], 0)).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: OPTIM_OPTION: the norm to clip to must be > 0, got 0]`,
  );
});
