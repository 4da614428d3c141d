import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { grad } from "../../src/api/grad.ts";
import { shared } from "../../src/api/shared.ts";
import { scalar, vector } from "../../src/api/tensors.ts";
import { mul, sqr, sub } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import {
  adagrad,
  adam,
  adamw,
  linear,
  momentum,
  nesterov,
  rmsprop,
  sgd,
  type Optimizer,
} from "../../src/optim.ts";
import {
  adagradReference,
  adamReference,
  momentumReference,
  nesterovReference,
  rmspropReference,
  sgdReference,
  type Reference,
} from "./reference.ts";

const rate = 0.05;
const cases: Readonly<Record<string, readonly [() => Optimizer, () => Reference]>> = {
  sgd: [() => sgd({ learningRate: rate }), sgdReference],
  momentum: [() => momentum({ learningRate: rate, momentum: 0.8 }), () => momentumReference(0.8)],
  nesterov: [() => nesterov({ learningRate: rate }), () => nesterovReference(0.9)],
  rmsprop: [() => rmsprop({ learningRate: rate, decay: 0.7 }), () => rmspropReference(0.7, 1e-8)],
  adagrad: [() => adagrad({ learningRate: rate }), () => adagradReference(1e-10)],
  adam: [() => adam({ learningRate: rate }), () => adamReference(0.9, 0.999, 1e-8)],
  adamw: [
    () => adamw({ learningRate: rate, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 }),
    () => adamReference(0.8, 0.99, 1e-6, 0.1),
  ],
};

const start = [0.5, -1, 2];
/** Gradients of five updates, a zero among them. */
const steps = [
  [0.3, -0.2, 1],
  [0.1, 0.4, -3],
  [0, 1e-4, 0.5],
  [-0.7, 0.2, 20],
  [0.2, -0.9, 0],
];

describe.each(Object.keys(cases))("%s", (name) => {
  const [make, reference] = cases[name] ?? [() => sgd({ learningRate: 0 }), sgdReference];
  test.each(["float32", "float64"] as const)(
    "takes five steps as published, in %s",
    async (dtype) => {
      const p = shared(start, { name: "p", dtype });
      const g = vector("g", { dtype });
      const update = await compile({ inputs: { g }, updates: make().updates([p], [g]) });
      const wanted = start.map((x, i) =>
        reference()(
          x,
          steps.map((step) => step[i] ?? 0),
          rate,
        ),
      );
      for (const [t, gradients] of steps.entries()) {
        update({ g: gradients });
        for (const [i, value] of p.get().data.entries()) {
          const want = wanted[i]?.[t] ?? NaN;
          expect(Math.abs(value - want)).toBeLessThan(dtype === "float32" ? 6e-6 : 3e-14);
        }
      }
    },
  );
});

test("a scheduled rate counts updates, and a given tensor is read at each call", async () => {
  const [p, q] = [shared(0, { name: "p" }), shared(0, { name: "q" })];
  const rateInput = scalar("rate");
  const one = scalar("g");
  const scheduled = sgd({ learningRate: linear({ from: 1, to: 0, steps: 4 }) });
  const update = await compile({
    inputs: { g: one, rate: rateInput },
    updates: [
      ...scheduled.updates([p], [one]),
      ...sgd({ learningRate: rateInput }).updates([q], [one]),
    ],
  });
  const seen = [0, 1, 2, 3, 4].map((i) => {
    update({ g: 1, rate: i });
    return [0 - p.get().item(), 0 - q.get().item()];
  });
  expect(seen).toEqual([
    [1, 0],
    [1.75, 1],
    [2.25, 3],
    [2.5, 6],
    [2.5, 10],
  ]);
  expect(scheduled.state.map((s) => s.name)).toEqual(["sgd.step"]);
});

test("state belongs to parameters: two functions of one optimiser go on with the same variables", () => {
  const p = shared([1, 2], { name: "p" });
  const optimizer = adam({ learningRate: 0.1 });
  const cost = sum(sqr(p));
  const first = optimizer.updates([p], [grad(cost, p)]).map(([target]) => target);
  const second = optimizer.updates([p], [grad(mul(cost, 2), p)]).map(([target]) => target);
  expect(second).toHaveLength(5);
  expect(second.every((target, i) => target === first[i])).toBe(true);
  expect(optimizer.state.map((s) => s.name)).toEqual([
    "adam.beta1Power",
    "adam.beta2Power",
    "p.adam.mean",
    "p.adam.square",
  ]);
});

test("clipNorm scales all gradients together before the rule sees them", async () => {
  const [p, q] = [shared([0, 0], { name: "p" }), shared(0, { name: "q" })];
  const [g, h] = [vector("g"), scalar("h")];
  const update = await compile({
    inputs: { g, h },
    updates: sgd({ learningRate: 1, clipNorm: 1 }).updates([p, q], [g, h]),
  });
  update({ g: [1, 2], h: 2 });
  expect([...p.get().data, q.get().item()].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([
    -0.333333, -0.666667, -0.666667,
  ]);
});

test("sgd gives updates at once, with the rate as a number or a tensor", async () => {
  const w = shared([3, 4], { name: "w" });
  const x = vector("x");
  const cost = sum(sqr(sub(w, x)));
  const train = await compile({
    inputs: { x },
    outputs: { cost },
    updates: sgd([w], [grad(cost, w)], 0.25),
  });
  expect(train({ x: [1, 0] }).cost.item()).toBe(20);
  expect(w.get().toArray()).toEqual([2, 2]);
});

test("what is wrong is named", () => {
  const [w, v] = [shared([1, 2], { name: "w" }), shared([[1]], { name: "v" })];
  expect(() => sgd([w, v], [w], 0.1)).toThrowErrorMatchingInlineSnapshot(`
    [ArgumentError: OPTIM_COUNT: sgd: 2 parameters and 1 gradients
      hint: give one gradient for each: grad(cost, parameters)]
  `);
  expect(() => adam({ learningRate: 0.1 }).updates([w, v], [v, w]))
    .toThrowErrorMatchingInlineSnapshot(`
    [ShapeError: OPTIM_GRADIENT: adam: the gradient of "w" f32[2] is f32[1, 1]
      hint: give the gradients in the order of the parameters]
  `);
  expect(() => adam({ learningRate: NaN })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: OPTIM_OPTION: adam: learningRate must be >= 0, got NaN]`,
  );
  expect(() => momentum({ learningRate: 0.1, momentum: 1 })).toThrowErrorMatchingInlineSnapshot(
    `[ArgumentError: OPTIM_OPTION: momentum: momentum must be in [0, 1), got 1]`,
  );
});
