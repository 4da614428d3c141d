/** Scans at the edge of what makes sense. */
import { expect, test } from "vitest";
import {
  evaluate,
  grad,
  jvp,
  matrix,
  scan,
  stepResult,
  sum,
  tanh,
  vector,
} from "../../src/index.ts";
import type { Tensor } from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

test("a step must return something", () => {
  for (const nothing of [(): Tensor[] => [], () => stepResult(undefined, {})])
    expect(messageOf(() => scan(nothing, { nSteps: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: the step returns nothing
        hint: return a tensor, a list or a record of tensors, or stepResult with updates"
    `);
});

test("an output that does not depend on what another one captures has no derivative in it", () => {
  const [x, w] = [matrix("x"), vector("w")];
  const { outputs } = scan((row) => [tanh(row), row.mul(w)], {
    sequences: x,
    outputsInfo: [null, null],
  });
  const g = grad(sum(outputs[0]), w, { disconnectedInputs: "ignore" });
  expect(evaluate(g, { w: [3, 4] }).toArray()).toEqual([0, 0]);
  expect(evaluate(jvp(outputs[0], w, w), { x: [[1, 2]] }).toArray()).toEqual([[0, 0]]);
});

test("evaluate tests sizes before it computes anything", () => {
  const x = matrix("x");
  const { outputs } = scan((before: Tensor, after: Tensor) => before.add(after), {
    sequences: { input: x, taps: [-1, 1] },
  });
  expect(() => evaluate(sum(outputs), { x: [[1, 2]] })).toThrow("too short: taps -1, 1");
});

test("a tensor whose size would be negative is refused, also where no scan is left in the graph", () => {
  const [x, w] = [matrix("x"), vector("w")];
  const { outputs } = scan((before: Tensor, after: Tensor) => before.add(after), {
    sequences: { input: x, taps: [-1, 1] },
  });
  const zeros = jvp(outputs, w, w);
  expect(() => evaluate(zeros, { x: [[1, 2]] })).toThrow("is negative: -1 is less than 0");
});
