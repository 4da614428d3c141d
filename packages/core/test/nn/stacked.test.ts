/** Cells made of cells against plain loops, one layer after the other. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { gradCheck } from "../../src/api/grad-check.ts";
import { scan } from "../../src/api/scan/scan.ts";
import { tensor } from "../../src/api/tensors.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { add, mul, sqr } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import {
  bidirectional,
  dense,
  gru,
  layer,
  lstm,
  recurrentDropout,
  residual,
  rnn,
  run,
  sequential,
  stacked,
  uniformWithin,
  type Cell,
  type HiddenState,
} from "../../src/nn.ts";
import { foldIn, key } from "../../src/random.ts";
import { message, refusal } from "../api/refusal.ts";
import { expectClose, weightsOf } from "./compare.ts";
import { plainGru, plainLstm, plainRnn, runPlain } from "./plain-cells.ts";

const [I, H, T, B] = [3, 4, 5, 3];
const lengths = [5, 2, 0];
const x = tensor("x", { shape: ["T", "B", I], dtype: "float64" });
const given = tensor("lengths", { shape: ["B"], dtype: "int32" });
const values = uniformWithin(1)(key(1), [T, B, I]);
const rows = values.toArray() as number[][][];
const poked = rows.map((batch, t) =>
  batch.map((row, b) => (t < (lengths[b] ?? 0) ? row : row.map(() => NaN))),
);
const options = (name: string, inputSize: number, id: number) =>
  ({ inputSize, hiddenSize: H, key: key(id), name, dtype: "float64" }) as const;

const first = lstm(options("first", I, 1));
const second = gru(options("second", H, 2));
const third = rnn(options("third", H, 3));
for (const [k, p] of [first, second, third].flatMap((cell) => cell.parameters).entries())
  p.set(uniformWithin(0.8)(foldIn(key(9), k), p.get().shape).toArray());

/** The rows of x and y added where they count, zeros elsewhere. */
const plus = (a: number[][][], b: number[][][]): number[][][] =>
  a.map((batch, t) =>
    batch.map((row, k) =>
      row.map((v, j) => (t < (lengths[k] ?? 0) ? v + (b[t]?.[k]?.[j] ?? NaN) : 0)),
    ),
  );

describe("stacked and residual", () => {
  const cell = stacked([first, residual(second), third]);
  const { outputs, final } = run(cell, x, { lengths: given });
  const one = runPlain(plainLstm, rows, ["h", "c"], H, weightsOf(first.parameters), lengths);
  const inner = runPlain(plainGru, one.outputs, ["h"], H, weightsOf(second.parameters), lengths);
  const two = plus(one.outputs, inner.outputs);
  const three = runPlain(plainRnn, two, ["h"], H, weightsOf(third.parameters), lengths);

  test("compute what plain loops do one after the other, whatever the padding holds", async () => {
    const parts = {
      h: outputs.h,
      last: final.h,
      below: final["0.h"],
      inner: final["1.inner.h"],
    };
    const f = await compile({ inputs: { x, lengths: given }, outputs: parts });
    for (const got of [f({ x: poked, lengths }), evaluate(parts, { x: poked, lengths })]) {
      expectClose(got.h.toArray(), three.outputs, 12);
      expectClose(got.last.toArray(), three.final, 12);
      expectClose(got.below.toArray(), one.final, 12);
      expectClose(got.inner.toArray(), inner.final, 12);
    }
  });

  test("name every state once", () => {
    expect(Object.keys(cell.init(2)).toSorted()).toEqual(["0.c", "0.h", "1.h", "1.inner.h", "h"]);
    const tower = stacked([stacked([first, second]), stacked([second, third])]);
    expect(Object.keys(tower.init(2)).toSorted()).toEqual(["0.0.c", "0.0.h", "0.h", "1.0.h", "h"]);
    const same = evaluate(run(tower, x, { lengths: given }).final.h, { x: poked, lengths });
    const flatStack = stacked([first, second, second, third]);
    const wanted = evaluate(run(flatStack, x, { lengths: given }).final.h, { x: poked, lengths });
    expect(same).toEqual(wanted);
    expect(flatStack.parameters).toHaveLength(10); // a cell that stands there twice has its parameters once
  });

  test("have the gradients of differences", () => {
    const cost = add(sum(sqr(outputs.h)), sum(final.h));
    const wrt = [...cell.parameters];
    const slopes = gradCheck(cost, wrt, { x: rows, lengths });
    expect(slopes.passed, slopes.toString()).toBe(true);
    const there = evaluate(grad(cost, wrt), { x: rows, lengths });
    expect(evaluate(grad(cost, wrt), { x: poked, lengths })).toEqual(there);
  });

  test("are the layers of sequential, and go into scan, with dropout too", () => {
    const apart = sequential([layer(first), layer(second), layer(third)]);
    const together = layer(stacked([first, second, third]));
    const [a, b] = evaluate([apart(x, { lengths: given }), together(x, { lengths: given })], {
      x: poked,
      lengths,
    });
    expectClose(a.toArray(), b.toArray(), 13);
    const dropped = stacked([recurrentDropout(first, { rate: 0.5, key: key(5) }), second]);
    const direct = scan({ sequences: { x }, init: dropped.init(B), step: dropped.step });
    const steps: Tensor<"int32"> = direct.final["0.steps"];
    const h: Tensor<"float64"> = direct.final.h;
    const last = evaluate({ steps, h }, { x: rows });
    expect(last.steps.toArray()).toEqual([T, T, T]);
    expect(last.h.shape).toEqual([B, H]);
    const many: readonly Cell<HiddenState<"float64">>[] = [second, third];
    expect(Object.keys(stacked(many).init(1))).toEqual(["0.h", "h"]);
  });
});

describe("refusals", () => {
  const wide = gru(options("wide", I, 4));
  test("of stacks of nothing, or of what is no cell", () => {
    expect(message(stacked, [])).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: stacked: there are no cells
        hint: give a list: stacked([first, second])"
    `);
    expect(refusal(stacked, first)).toMatch(/LAYER_OPTION: stacked: there are no cells/);
    expect(message(stacked, [first, layer(second)])).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: stacked: entry 1 is no cell
        hint: give what gru(...), lstm(...) or another cell returned; layers go into sequential([...])"
    `);
    expect(
      refusal(residual, dense({ inputSize: 1, outputSize: 1, key: key(1), name: "d" })),
    ).toMatch(/LAYER_OPTION: residual: what it goes around is no cell/);
  });
  test("of inputs that are not as wide as the state", () => {
    expect(message(() => run(residual(wide), x))).toMatchInlineSnapshot(`
      "ShapeError RESIDUAL_SIZE: residual: "x[t]" f64[B, 3] is added to a state [B, 4]
        hint: give the cell a hiddenSize like its inputSize; the first layer may stand alone"
    `);
    const ids = tensor("ids", { shape: ["T", "B"], dtype: "int32" });
    expect(refusal(() => run(residual(wide), ids))).toMatch(/RESIDUAL_SIZE/);
    const narrow = tensor("narrow", { shape: ["T", "B", 1], dtype: "float64" });
    const cell = residual(gru(options("narrow", 1, 4)));
    expect(refusal(() => run(cell, narrow))).toMatch(/RESIDUAL_SIZE/);
  });
});

test("bidirectional has the gradients of differences under lengths, and padding changes no bit", async () => {
  const back = gru(options("back", I, 6));
  const { outputs, final } = bidirectional(first, back, x, { lengths: given });
  const parameters = [...first.parameters, ...back.parameters];
  const weights = uniformWithin(1)(key(8), [T, B, 2 * H]).toArray();
  const w = tensor("w", { shape: ["T", "B", 2 * H], dtype: "float64" });
  const cost = add(sum(mul(outputs, w)), sum(sqr(final)));
  const slopes = gradCheck(cost, [x, ...parameters], { x: rows, w: weights, lengths });
  expect(slopes.passed, slopes.toString()).toBe(true);
  const gradients = grad(cost, [x, ...parameters]);
  const f = await compile({
    inputs: { x, w, lengths: given },
    outputs: { cost, outputs, ...Object.fromEntries(gradients.map((g, k) => [`g${k}`, g])) },
  });
  const there = f({ x: rows, w: weights, lengths });
  expect(f({ x: poked, w: weights, lengths })).toEqual(there);
  // Each sequence alone, without padding, has the same rows.
  const short = rows.slice(0, 2).map((batch) => batch.slice(1, 2));
  const alone = evaluate(bidirectional(first, back, x).outputs, { x: short });
  const inBatch = there.outputs.toArray() as number[][][];
  expectClose(
    alone.toArray(),
    inBatch.slice(0, 2).map((batch) => batch.slice(1, 2)),
    13,
  );
});
