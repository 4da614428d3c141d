/** Results that an op could make in the memory of an operand, but for a second read of that operand. */
import { describe, expect, test } from "vitest";
import {
  compile,
  evaluate,
  grad,
  incSubtensor,
  index,
  jvp,
  matrix,
  scan,
  setSubtensor,
  sqr,
  sum,
  tanh,
  tensor,
  type NDArray,
  type Tensor,
} from "../../src/index.ts";
import { numbers } from "../runtime/models.ts";

const x = tensor("x", { shape: ["n", 40] });
const w = tensor("w", { shape: [40, 40] });
const values = { x: numbers(1, [6, 40], 0.4), w: numbers(2, [40, 40], 0.2) };

async function expectReference(results: readonly Tensor[]): Promise<void> {
  const outputs = Object.fromEntries(results.map((tensor, i) => [`result${i}`, tensor]));
  const want: Readonly<Record<string, NDArray>> = evaluate({ ...outputs, x, w }, values);
  for (const optimize of ["full", "fast", "none"] as const) {
    const call = await compile({ inputs: { x, w }, outputs, optimize, unusedInputs: "ignore" });
    const got = call(values);
    for (const name of Object.keys(outputs))
      for (const [i, value] of want[name]?.data.entries() ?? [])
        expect(got[name]?.data[i], `${name}[${i}], optimize ${optimize}`).toBeCloseTo(value, 3);
  }
}

const steps: Readonly<Record<string, () => Tensor<"float32">>> = {
  "a product added to it": () => {
    const u = tanh(x);
    return u.dot(w).add(u);
  },
  "the square of a matrix added to it": () => {
    const u = tanh(w);
    return u.dot(u).add(u);
  },
  "setting its rows to their reverse": () => {
    const u = x.dot(w);
    return setSubtensor(u, [{ step: -1 }], u);
  },
  "adding its reversed columns": () => {
    const u = x.dot(w);
    return incSubtensor(u, [{}, { step: -1 }], u);
  },
  "scattering it onto itself": () => {
    const u = x.dot(w);
    return incSubtensor(u, [[5, 4, 3, 2, 1, 0]], u);
  },
  "a step that squares a row of a scan": () =>
    scan(
      (u = x) => {
        const square = u.dimshuffle([0, "x"]).mul(u);
        return square.dot(tanh(square)).add(square);
      },
      { sequences: tanh(x) },
    ).outputs,
  "a step that adds a product to a block of a scan": () => {
    const blocks = tanh(x.dimshuffle([0, "x", 1]).add(w)).dot(w);
    return scan((u = w) => u.dot(u).add(u), { sequences: blocks }).outputs;
  },
};

describe.each(Object.keys(steps))(
  "an operand is not overwritten while it is read by %s",
  (name) => {
    const make = steps[name] ?? (() => x);
    test("value", () => expectReference([sqr(make())]));
    test("gradient", () =>
      expectReference([grad(sum(tanh(make())), w, { disconnectedInputs: "ignore" })]));
    test("derivative along a direction", () => expectReference([sqr(jvp(make(), x, tanh(x)))]));
  },
);

test("a row known by its number of a matrix of unknown width", async () => {
  const free = matrix("free");
  const call = await compile({ inputs: { free }, outputs: { at: index(free, 2, 1) } });
  expect(call({ free: [1, 2, 3].map((a) => [a, 10 * a, 0]) }).at.data[0]).toBe(30);
});
