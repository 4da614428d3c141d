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
  layerNormLstm,
  linearRecurrence,
  lstm,
  mgu,
  peepholeLstm,
  rnn,
  run,
  uniformWithin,
  type Cell,
  type CellOptions,
  type RunOptions,
} from "../../src/nn.ts";
import { foldIn, key } from "../../src/random.ts";
import { expectClose, weightsOf } from "./compare.ts";
import {
  plainGru,
  plainLayerNormLstm,
  plainLinearRecurrence,
  plainLstm,
  plainMgu,
  plainPeepholeLstm,
  plainRnn,
  runPlain,
} from "./plain-cells.ts";

const [I, H, T, B] = [3, 4, 5, 3];
const lengths = [5, 2, 0];
const random = (seed: number, shape: readonly number[]): NDArray<"float64"> =>
  uniformWithin(1)(key(seed), shape);

/** A cell whose parameters are all random, biases too. */
function randomCell<S extends { readonly h: Tensor }>(
  make: (options: CellOptions<"float64">) => Cell<S>,
  id = 0,
): Cell<S> {
  const cell = make({ inputSize: I, hiddenSize: H, key: key(id), name: "cell", dtype: "float64" });
  for (const [i, p] of cell.parameters.entries())
    p.set(uniformWithin(0.8)(foldIn(key(id), i), p.get().shape).toArray());
  return cell;
}

/** What the tests ask of a cell, whatever its state is. */
interface Subject {
  readonly parameters: readonly Shared[];
  readonly h: Tensor;
  readonly last: Tensor;
}
const subject =
  <S extends { readonly h: Tensor }>(make: (options: CellOptions<"float64">) => Cell<S>) =>
  (input: Tensor, options: RunOptions = {}): Subject => {
    const cell = randomCell(make);
    const { outputs, final } = run(cell, input, options);
    return { parameters: cell.parameters, h: outputs.h, last: final.h };
  };

const cells = [
  ["rnn", subject(rnn), plainRnn, ["h"]],
  ["gru", subject(gru), plainGru, ["h"]],
  ["lstm", subject(lstm), plainLstm, ["h", "c"]],
  ["peepholeLstm", subject(peepholeLstm), plainPeepholeLstm, ["h", "c"]],
  ["layerNormLstm", subject(layerNormLstm), plainLayerNormLstm, ["h", "c"]],
  ["mgu", subject(mgu), plainMgu, ["h"]],
  ["linearRecurrence", subject(linearRecurrence), plainLinearRecurrence, ["h"]],
] as const;

const x = tensor("x", { shape: ["T", "B", I], dtype: "float64" });
const given = tensor("lengths", { shape: ["B"], dtype: "int32" });
const xValue = random(1, [T, B, I]);
const rows = Array.from({ length: T }, (_, t) =>
  Array.from({ length: B }, (__, b) => [
    ...xValue.data.subarray((t * B + b) * I, (t * B + b + 1) * I),
  ]),
);

const poked = rows.map((batch, t) =>
  batch.map((row, b) => (t < (lengths[b] ?? 0) ? row : row.map(() => NaN))),
);

describe.each(cells)("%s", (_, start, plain, states) => {
  test("computes what a plain loop computes, interpreted and compiled", async () => {
    const { parameters, h, last } = start(x);
    const wanted = runPlain(plain, rows, states, H, weightsOf(parameters), [T, T, T]);
    const values = evaluate({ h, last }, { x: xValue });
    expectClose(values.h.toArray(), wanted.outputs, 12);
    expectClose(values.last.toArray(), wanted.final, 12);
    const compiled = await compile({ inputs: { x }, outputs: { h } });
    expectClose(compiled({ x: xValue }).h.toArray(), wanted.outputs, 12);
  });

  test("keeps each sequence's own last state under lengths, whatever the padding holds", () => {
    const { parameters, h, last } = start(x, { lengths: given });
    const wanted = runPlain(plain, rows, states, H, weightsOf(parameters), lengths);
    const values = evaluate({ h, last }, { x: poked, lengths });
    expectClose(values.h.toArray(), wanted.outputs, 12);
    expectClose(values.last.toArray(), wanted.final, 12);
  });

  test.each([false, true])(
    "has the gradient of finite differences (masked: %s)",
    async (masked) => {
      const { parameters, h, last } = start(x, masked ? { lengths: given } : {});
      const weight = tensor("w", { shape: ["T", "B", H], dtype: "float64" });
      const cost = add(sum(mul(h, weight)), sum(last));
      const gradients = Object.fromEntries(
        grad(cost, parameters).map((g, k) => [`gradient ${k}`, g] as const),
      );
      const f = await compile({
        inputs: { x, w: weight, lengths: given },
        outputs: { cost, ...gradients },
        unusedInputs: "ignore",
      });
      const at = (value: Nested = rows): Readonly<Record<string, NDArray>> =>
        f({ x: value, w: random(5, [T, B, H]), lengths });
      const there = at();
      if (masked) expect(at(poked)).toEqual(there);
      for (const [k, p] of parameters.entries()) {
        const before = p.get();
        const middle = [...before.data];
        const direction = [...uniformWithin(1)(key(20 + k), before.shape).data];
        const moved = (step: number): number => {
          const data = middle.map((value, i) => value + step * (direction[i] ?? 0));
          p.set(new NDArray("float64", before.shape, Float64Array.from(data)));
          return at()["cost"]?.item() ?? NaN;
        };
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        p.set(before);
        const gradient = [...(there[`gradient ${k}`]?.data ?? [])];
        const wanted = gradient.reduce((total, g, i) => total + g * (direction[i] ?? 0), 0);
        expect(Math.abs(slope - wanted)).toBeLessThan(1e-8 * Math.max(1, Math.abs(wanted)));
      }
    },
  );

  test("takes ids in place of one-hot rows", () => {
    const ids = tensor("ids", { shape: ["T", "B"], dtype: "int32" });
    const looked = start(ids).h;
    const multiplied = start(oneHot(ids, I, "float64")).h;
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
  expect(evaluate([h, outputs.h], { x: rows, lengths })[0].shape).toEqual([B, H]);
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

test("other cells begin as their papers say: peepholes at 0, gains at 1, decays from half to nearly 1", () => {
  const options = { inputSize: I, hiddenSize: 2, key: key(1), name: "cell" };
  const begins = (cell: { readonly parameters: readonly Shared[] }): Record<string, Nested> =>
    Object.fromEntries(
      cell.parameters.map((p) => [(p.name ?? "").slice(5), p.get().toArray()] as const),
    );
  expect(begins(peepholeLstm(options))).toMatchObject({
    b: [0, 0, 1, 1, 0, 0, 0, 0],
    p: [0, 0, 0, 0, 0, 0],
  });
  expect(begins(layerNormLstm({ ...options, forgetBias: 2 }))).toMatchObject({
    b: [0, 0, 2, 2, 0, 0, 0, 0],
    gx: [1, 1, 1, 1, 1, 1, 1, 1],
    gc: [1, 1],
    bc: [0, 0],
  });
  expect(begins(mgu(options))).toMatchObject({ b: [1, 1, 0, 0] });
  expect(begins(linearRecurrence(options))).toMatchObject({ r: [1.25, 3.75], b: [0, 0] });
});

test("bidirectional: the backward cell starts at each sequence's own end, rows stay where they were", () => {
  const [there, back] = [randomCell(rnn, 1), randomCell(gru, 2)];
  const { outputs, final } = bidirectional(there, back, x, { lengths: given });
  const wantedThere = runPlain(plainRnn, rows, ["h"], H, weightsOf(there.parameters), lengths);
  const flipped = rows.map((_, t) => lengths.map((n, b) => rows[t < n ? n - 1 - t : t]?.[b] ?? []));
  const wantedBack = runPlain(plainGru, flipped, ["h"], H, weightsOf(back.parameters), lengths);
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
