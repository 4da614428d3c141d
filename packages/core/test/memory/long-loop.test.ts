/** A gradient through 100,000 steps in bounded memory, measured where it lies. */
import { expect, test } from "vitest";
import {
  compile,
  constant,
  grad,
  matrix,
  scan,
  shared,
  sqr,
  Store,
  sum,
  tanh,
  tensor,
  type CallMemory,
  type NDArray,
  type Tensor,
} from "../../src/index.ts";
import { numbers } from "../runtime/models.ts";

const [T, B, H] = [100_000, 1, 64];
const x = tensor("x", { shape: ["T", "B", H] });
const h0 = tensor("h0", { shape: ["B", H] });
const values = { x: numbers(1, [T, B, H], 1), h0: numbers(2, [B, H], 0.5) };

interface Measured {
  readonly results: Readonly<Record<string, NDArray>>;
  readonly memory: CallMemory;
  /** What the call made its store hold more. */
  readonly grown: number;
}

/** An RNN with the gradient of the sum of the squares of its last state, or of all. */
async function measured(
  memory: string | undefined,
  loss: "last" | "all" | "padded",
): Promise<Measured> {
  const weight = (seed: number, name: string): Tensor =>
    shared(numbers(seed, [H, H], 0.1), { name });
  const [W, U, b] = [weight(3, "W"), weight(4, "U"), shared(numbers(5, [H], 0.1), { name: "b" })];
  const { outputs, final } = scan(
    (row = matrix("row"), h = matrix("h")) => tanh(row.dot(W).add(h.dot(U)).add(b)),
    {
      sequences: x,
      outputsInfo: h0,
      name: "rnn",
      ...(memory === undefined ? {} : { memory }),
      ...(loss === "padded" ? { lengths: constant([T - 5], "int32") } : {}),
    },
  );
  const cost = sum(sqr(loss === "all" ? outputs : final));
  const [dW, dU, db, dh0] = grad(cost, [W, U, b, h0]);
  const store = new Store();
  const call = await compile({
    inputs: { x, h0 },
    outputs: { cost, dW, dU, db, dh0 },
    name: "step",
    store,
  });
  const before = store.bytesInUse;
  const results = call(values);
  return { results, memory: call.memory({ T, B }), grown: store.bytesInUse - before };
}

const elements = (results: Measured["results"]): number[] =>
  Object.values(results).flatMap(({ data }) => Array.from(data));

test.each([
  ["last", "64MB", 64e6],
  ["last", "20MB", 20e6],
  ["last", "1MB", 1e6],
  ["padded", "1MB", 1e6],
  ["all", "64MB", 64e6],
  ["all", "30MB", 30e6],
] as const)("the loss of the %s state within %s", async (loss, budget, bytes) => {
  const whole = await measured(undefined, loss);
  const bounded = await measured(budget, loss);
  expect(bounded.memory.peak).toBeLessThanOrEqual(bytes);
  expect(bounded.grown).toBe(bounded.memory.peak + bounded.memory.inputs);
  expect(whole.grown).toBe(whole.memory.peak + whole.memory.inputs);
  const [want, got] = [elements(whole.results), elements(bounded.results)];
  expect(got.findIndex((value, i) => !Object.is(value, want[i]))).toBe(-1);
  expect(got).toHaveLength(want.length);
});
