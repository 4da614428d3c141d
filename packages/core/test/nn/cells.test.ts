import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { scan } from "../../src/api/scan/scan.ts";
import type { Shared } from "../../src/api/shared.ts";
import { tensor } from "../../src/api/tensors.ts";
import { NDArray, type Nested } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { oneHot } from "../../src/ops/arange.ts";
import { zeros } from "../../src/ops/constant.ts";
import {
  bidirectional,
  gru,
  lstm,
  rnn,
  run,
  uniformWithin,
  type Cell,
  type CellOptions,
  type HiddenState,
} from "../../src/nn.ts";
import { foldIn, key } from "../../src/random.ts";
import { plainGru, plainLstm, plainRnn, runPlain, type PlainStep } from "./plain-cells.ts";

const [I, H, T, B] = [3, 4, 5, 3];
const lengths = [5, 2, 0];
const random = (seed: number, shape: readonly number[], limit = 1): Nested =>
  uniformWithin(limit)(key(seed), shape).toArray();

type Make = (options: CellOptions<"float64">) => Cell<HiddenState<"float64">>;
const cells: readonly (readonly [string, Make, PlainStep, readonly string[]])[] = [
  ["rnn", rnn, plainRnn, ["h"]],
  ["gru", gru, plainGru, ["h"]],
  ["lstm", (options) => lstm(options) as never, plainLstm, ["h", "c"]],
];

const x = tensor("x", { shape: ["T", "B", I], dtype: "float64" });
const given = tensor("lengths", { shape: ["B"], dtype: "int32" });
const xValue = random(1, [T, B, I]);

/** A cell whose parameters are all random, biases too. */
function randomCell(make: Make, id = 0): Cell<HiddenState<"float64">> {
  const cell = make({ inputSize: I, hiddenSize: H, key: key(id), name: "cell", dtype: "float64" });
  for (const [i, p] of cell.parameters.entries())
    p.set(uniformWithin(0.8)(foldIn(key(id), i), p.get().shape).toArray());
  return cell;
}

const weightsOf = (cell: { readonly parameters: readonly Shared[] }): Record<string, number[][]> =>
  Object.fromEntries(
    cell.parameters.map((p) => {
      const value = p.get().toArray();
      return [(p.name ?? "").slice("cell.".length), (p.rank === 2 ? value : [value]) as number[][]];
    }),
  );

function expectClose(actual: Nested, wanted: Nested, digits: number): void {
  const [a, w] = [[actual].flat(9), [wanted].flat(9)] as [number[], number[]];
  expect(a).toHaveLength(w.length);
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(w[i] ?? NaN, digits);
}

describe.each(cells)("%s", (_, make, plain, states) => {
  test("computes what a plain loop computes, interpreted and compiled", async () => {
    const cell = randomCell(make);
    const { outputs, final } = run(cell, x);
    const wanted = runPlain(plain, xValue as never, states, H, weightsOf(cell), [T, T, T]);
    const values = evaluate({ h: outputs.h, last: final.h }, { x: xValue });
    expectClose(values.h.toArray(), wanted.outputs, 12);
    expectClose(values.last.toArray(), wanted.final, 12);
    const compiled = await compile({ inputs: { x }, outputs: { h: outputs.h } });
    expectClose(compiled({ x: xValue }).h.toArray(), wanted.outputs, 12);
  });

  test("keeps each sequence's own last state under lengths, whatever the padding holds", () => {
    const cell = randomCell(make);
    const { outputs, final } = run(cell, x, { lengths: given });
    const wanted = runPlain(plain, xValue as never, states, H, weightsOf(cell), lengths);
    const poked = (xValue as number[][][]).map((rows, t) =>
      rows.map((row, b) => (t < (lengths[b] ?? 0) ? row : row.map(() => NaN))),
    );
    const values = evaluate({ h: outputs.h, last: final.h }, { x: poked, lengths });
    expectClose(values.h.toArray(), wanted.outputs, 12);
    expectClose(values.last.toArray(), wanted.final, 12);
  });

  test.each([false, true])(
    "has the gradient of finite differences (masked: %s)",
    async (masked) => {
      const cell = randomCell(make);
      const { outputs, final } = run(cell, x, masked ? { lengths: given } : {});
      const weight = tensor("w", { shape: ["T", "B", H], dtype: "float64" });
      const cost = add(sum(mul(outputs.h, weight)), sum(final.h));
      const values = { x: xValue, w: random(5, [T, B, H]), ...(masked ? { lengths } : {}) };
      const gradients = evaluate(grad(cost, cell.parameters), values);
      const inputs = { x, w: weight, ...(masked ? { lengths: given } : {}) };
      const f = await compile({ inputs, outputs: { cost } });
      const at = (): number => f(values as never).cost.item();
      for (const [k, p] of cell.parameters.entries()) {
        const start = p.get();
        const middle = [...start.data];
        const direction = [...uniformWithin(1)(key(20 + k), start.shape).data];
        const moved = (step: number): number => {
          const data = middle.map((value, i) => value + step * (direction[i] ?? 0));
          p.set(new NDArray("float64", start.shape, Float64Array.from(data)));
          return at();
        };
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        p.set(start);
        const gradient = [...(gradients[k]?.data ?? [])];
        const wanted = gradient.reduce((total, g, i) => total + g * (direction[i] ?? 0), 0);
        expect(Math.abs(slope - wanted)).toBeLessThan(1e-8 * Math.max(1, Math.abs(wanted)));
      }
    },
  );

  test("takes ids in place of one-hot rows", () => {
    const cell = randomCell(make);
    const ids = tensor("ids", { shape: ["T", "B"], dtype: "int32" });
    const looked = run(cell, ids).outputs.h;
    const multiplied = run(cell, oneHot(ids, I, "float64")).outputs.h;
    const values = evaluate([looked, multiplied], {
      ids: [
        [0, 1],
        [2, 2],
        [1, 0],
      ],
    });
    expectClose(values[0].toArray(), values[1].toArray(), 14);
  });
});

test("a step goes into scan as it is, with types that fit", () => {
  const cell = gru({ inputSize: I, hiddenSize: H, key: key(1), name: "gru" });
  const input = tensor("x", { shape: ["T", "B", I] });
  const lengthsInput = tensor("lengths", { shape: ["B"], dtype: "int32" });
  const { final, outputs } = scan({
    sequences: { x: input },
    init: { h: zeros([B, H]) },
    lengths: lengthsInput,
    step: cell.step,
  });
  const h: Tensor<"float32"> = final.h;
  expect(evaluate([h, outputs.h], { x: random(1, [T, B, I]), lengths })[0].shape).toEqual([B, H]);
  const two = lstm({ inputSize: I, hiddenSize: H, key: key(1), name: "lstm" });
  const run2 = scan({ sequences: { x: input }, init: two.init(B), step: two.step });
  const c: Tensor<"float32"> = run2.final.c;
  expect(c.rank).toBe(2);
});

test("gates begin one by one, the forget gate open, states orthogonal", () => {
  const cell = lstm({ inputSize: I, hiddenSize: 2, key: key(1), name: "lstm" });
  const [Wx, Wh, b] = cell.parameters.map((p) => p.get());
  expect(cell.parameters.map((p) => p.name)).toEqual(["lstm.Wx", "lstm.Wh", "lstm.b"]);
  expect(b?.toArray()).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
  expect(Wx?.shape).toEqual([I, 8]);
  const [w00 = NaN, w01 = NaN] = Wh?.data ?? [];
  expect(w00 * w00 + w01 * w01).toBeCloseTo(1, 6);
});

test("bidirectional: the backward cell starts at each sequence's own end, rows stay where they were", () => {
  const [there, back] = [randomCell(rnn, 1), randomCell(gru, 2)];
  const { outputs, final } = bidirectional(there, back, x, { lengths: given });
  const wantedThere = runPlain(plainRnn, xValue as never, ["h"], H, weightsOf(there), lengths);
  const rows = xValue as number[][][];
  const flipped = rows.map((_, t) => lengths.map((n, b) => rows[t < n ? n - 1 - t : t]?.[b] ?? []));
  const wantedBack = runPlain(plainGru, flipped, ["h"], H, weightsOf(back), lengths);
  const wanted = rows.map((_, t) =>
    lengths.map((n, b) => [
      ...(wantedThere.outputs[t]?.[b] ?? []),
      ...(wantedBack.outputs[t < n ? n - 1 - t : t]?.[b] ?? []),
    ]),
  );
  const values = evaluate({ outputs, final }, { x: xValue, lengths });
  expectClose(values.outputs.toArray(), wanted, 12);
  expectClose(
    values.final.toArray(),
    lengths.map((_, b) => [...(wantedThere.final[b] ?? []), ...(wantedBack.final[b] ?? [])]),
    12,
  );
  const whole = evaluate(bidirectional(there, back, x).outputs, { x: xValue });
  const same = evaluate(outputs, { x: xValue, lengths: [T, T, T] });
  expectClose(whole.toArray(), same.toArray(), 14);
});
