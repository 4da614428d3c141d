/** An op without a derivative says so by name; its gradient is never zero in silence. */
import { expect, test } from "vitest";
import { applyOne } from "../../src/graph/op.ts";
import type { Op } from "../../src/graph/tensor.ts";
import { grad, jvp, NDArray, scalar } from "../../src/index.ts";
import { messageOf } from "../api/message-of.ts";

const cube: Op<undefined> = {
  name: "cube",
  infer: (inputs) => ({ types: inputs.map(({ type }) => type) }),
  reference: (inputs) =>
    inputs.map(
      (x) =>
        new NDArray(
          "float32",
          x.shape,
          Float32Array.from(x.data, (v) => v * v * v),
        ),
    ),
};
const x = scalar("x");
const y = applyOne(cube, [x], undefined);

test("backwards", () => {
  expect(messageOf(() => grad(y, x))).toMatchInlineSnapshot(`
    "GradientError NO_VJP: op cube has no gradient rule
      used at HERE
      result: result of cube (HERE)"
  `);
});
test("forwards", () => {
  expect(messageOf(() => jvp(y, [x], [x]))).toMatchInlineSnapshot(`
    "GradientError NO_JVP: op cube has no forward derivative rule
      used at HERE"
  `);
});
