/** States of loops that are overwritten while the step runs: only once nobody reads the old value any more. */
import { expect, test } from "vitest";
import {
  add,
  compile,
  concatenate,
  dot,
  evaluate,
  flatten,
  index,
  reshape,
  scan,
  setSubtensor,
  Store,
  tanh,
  transpose,
  type Tensor,
} from "../../src/index.ts";
import { shared } from "../../src/index.ts";
import { numbers } from "./models.ts";

const first = (): Tensor<"float32"> => shared(numbers(1, [3, 3]));

/** The last states of three steps, compiled with and without rewrites, against the reference. */
async function expectLast(
  states: number,
  step: (...states: readonly Tensor<"float32">[]) => Tensor[],
): Promise<void> {
  for (const optimize of ["full", "none"] as const) {
    const initials = Array.from({ length: states }, first);
    const { final } = scan((...all: readonly Tensor[]) => step(...(all as Tensor<"float32">[])), {
      outputsInfo: initials,
      nSteps: 3,
    });
    const outputs = Object.fromEntries(final.map((x, i) => [`state${i}`, x]));
    const want = evaluate(outputs);
    const call = await compile({ inputs: {}, outputs, optimize, store: new Store() });
    const got = call({});
    for (const [name, array] of Object.entries(want))
      for (const [i, x] of array.data.entries())
        expect(got[name]?.data[i], `${name}[${i}], optimize ${optimize}`).toBeCloseTo(x, 5);
  }
}

test("a piece of the new state is not written over what a later piece reads", () =>
  expectLast(1, (h = first()) => [
    concatenate([tanh(index(h, {}, { start: 1 })), tanh(index(h, {}, { stop: 1 }))], 1),
  ]));

test("the state is not overwritten through a reshape of its next value", () =>
  expectLast(1, (h = first()) => [reshape(flatten(transpose(tanh(h))), [3, 3])]));

test("a reshape of the state that is read late keeps the old value", () =>
  expectLast(2, (h = first(), g = first()) => {
    const flat = flatten(h);
    const next = tanh(add(h, dot(flat, flat)));
    return [next, tanh(reshape(flat, [3, 3]).dot(g.add(next)))];
  }));

test("a state that its next value reads twice keeps the old value until both have run", () =>
  expectLast(1, (h = first()) => [h.dot(tanh(h)).add(h)]));

test("a state is reversed into itself", () =>
  expectLast(1, (h = first()) => {
    const next = tanh(h);
    return [setSubtensor(next, [{ step: -1 }], next)];
  }));
