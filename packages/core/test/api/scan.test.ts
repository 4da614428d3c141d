/** What scan means beyond the plain loop: names, numbers, captures, updates, padding. */
import { describe, expect, test } from "vitest";
import {
  constant,
  dropUpdates,
  evaluate,
  grad,
  index,
  log,
  matrix,
  print,
  reverseSequence,
  scalar,
  scan,
  shared,
  stepResult,
  sum,
  sqr,
  tensor,
  vector,
  where,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { ownerOf } from "../../src/graph/op.ts";
import { pendingUpdates } from "../../src/api/scan/pending-updates.ts";

const x = vector("x");

describe("scan", () => {
  test("gives records under the step's names, and final states only in the named form", () => {
    const { outputs, final } = scan({
      sequences: { x },
      init: { h: constant(1) },
      step: ({ x, h }) => ({ h: h.add(x), doubled: x.mul(2) }),
    });
    expect(Object.keys(outputs)).toEqual(["h", "doubled"]);
    expect(Object.keys(final)).toEqual(["h"]);
    expect(outputs.h.name).toBe("h");
    expect(evaluate({ ...outputs, last: final.h }, { x: [1, 2] }).doubled.toArray()).toEqual([
      2, 4,
    ]);
  });

  test("names taps in the named form", () => {
    const { outputs } = scan({
      sequences: { y: { input: x, taps: { before: -1, now: 0 } } },
      init: { f: { initial: constant([1, 1]), taps: { f1: -1, f2: -2 } } },
      step: ({ before, now, f1, f2 }) => ({ f: f1.add(f2).add(now.sub(before)) }),
    });
    expect(evaluate(outputs.f, { x: [0, 1, 3] }).toArray()).toEqual([3, 6]);
  });

  test.each([0, 1, 3])("runs %i steps and knows the last values", (n) => {
    const step = (h: Tensor): [Tensor, Tensor] => [h.mul(2), h.add(0.5)];
    const fixed = scan(step, { outputsInfo: [constant(1), null], nSteps: n });
    const symbolic = scan(step, {
      outputsInfo: [constant(1), null],
      nSteps: scalar("n", { dtype: "int32" }),
    });
    for (const { outputs, final } of [fixed, symbolic]) {
      const [states, rows, lastState, lastRow] = evaluate(
        [...outputs, ...final],
        fixed.outputs === outputs ? {} : { n },
      );
      expect(states.toArray()).toEqual([2, 4, 8].slice(0, n));
      expect(rows.toArray()).toEqual([1.5, 2.5, 4.5].slice(0, n));
      expect(lastState.item()).toBe(2 ** n);
      expect(lastRow.item()).toBe(n === 0 ? 0 : 2 ** (n - 1) + 0.5);
    }
  });

  test("gives an initial number the type of its state", () => {
    const f64 = matrix("m", { dtype: "float64" });
    const { outputs } = scan((row, h) => h.add(row), { sequences: f64, outputsInfo: 0 });
    expect(outputs.dtype).toBe("float64");
    expect(
      evaluate(outputs, {
        m: [
          [1, 2],
          [3, 4],
        ],
      }).toArray(),
    ).toEqual([
      [1, 2],
      [4, 6],
    ]);
    expect(scan((n) => n.add(1), { outputsInfo: 0, nSteps: 2 }).outputs.dtype).toBe("int32");
    expect(scan((n) => n.mul(0.5), { outputsInfo: 1, nSteps: 2 }).outputs.dtype).toBe("float32");
  });

  test("differentiates through what the step captures", () => {
    const w = shared(2, { name: "w" });
    const doubled = w.mul(2);
    const { final } = scan((v, h) => h.add(v.mul(doubled).mul(w)), {
      sequences: x,
      outputsInfo: constant(0),
    });
    expect(evaluate(grad(final, w), { x: [1, 2] }).item()).toBe(2 * 2 * 2 * 3);
  });

  test("closes its block: consts are what is captured, in order of first use", () => {
    const [a, b] = [scalar("a"), scalar("b")];
    expect(
      print(
        scan((v, h) => h.mul(b).add(v.mul(a)), {
          sequences: x,
          outputsInfo: constant(0),
          name: "rnn",
        }).outputs,
      ),
    ).toMatchInlineSnapshot(`
      "b: input f32[]
      a: input f32[]
      x: input f32[x.shape[0]]
      %3 f32[], %4 f32[x.shape[0]], %5 f32[x.shape[0]] = scan[name: rnn, length: x.shape[0], reverse: false, consts: 2, carries: 1, xs: 1](b, a, 0, x)
        step(b'2 f32[], a'2 f32[], %8 f32[], x[t] f32[]) {
          %10 f32[] = mul(%8, b'2)
          %11 f32[] = mul(x[t], a'2)
          %12 f32[] = add(%10, %11)
          return %12, %12
        }
      return %5"
    `);
  });

  test("accepts an expression of the same scan's sequences from outside, and steps that ignore arguments", () => {
    const total = sum(x);
    const { outputs } = scan(() => total, { sequences: x });
    expect(evaluate(outputs, { x: [1, 2] }).toArray()).toEqual([3, 3]);
  });

  test("runs scans inside scans", () => {
    const m = matrix("m");
    const { outputs } = scan(
      (row) => scan((v, h) => h.mul(2).add(v), { sequences: row, outputsInfo: constant(0) }).final,
      { sequences: m },
    );
    expect(
      evaluate(outputs, {
        m: [
          [1, 2],
          [3, 4],
        ],
      }).toArray(),
    ).toEqual([4, 10]);
    expect(
      evaluate(grad(sum(sqr(outputs)), m), {
        m: [
          [1, 2],
          [3, 4],
        ],
      }).toArray(),
    ).toEqual([
      [16, 8],
      [40, 20],
    ]);
  });

  test("differentiates four squarings to the fourth order", () => {
    const y = scalar("y", { dtype: "float64" });
    const power = scan((h) => h.mul(h), { outputsInfo: y, nSteps: 4 }).final;
    const orders = [power];
    for (let k = 0; k < 4; k++) orders.push(grad(orders.at(-1) ?? power, y));
    const values = evaluate(orders, { y: 1.1 }).map((v) => v.item());
    for (const [k, value] of values.entries()) {
      const factor = [16, 15, 14, 13].slice(0, k).reduce((a, b) => a * b, 1);
      expect(value).toBeCloseTo(factor * 1.1 ** (16 - k), 6);
    }
  });
});

describe("updates inside a step", () => {
  const count = (): ReturnType<typeof shared<"int32">> =>
    shared(5, { name: "count", dtype: "int32" });

  test("advance once per step, from the values before it", () => {
    const [a, b] = [count(), shared(1, { name: "b", dtype: "int32" })];
    const { outputs, updates } = scan(
      () =>
        stepResult(a.add(b), {
          updates: [
            [a, b],
            [b, a],
          ],
        }),
      { nSteps: 3 },
    );
    const [sums, newA, newB] = evaluate([outputs, ...updates.map(([, value]) => value)]);
    expect(sums?.toArray()).toEqual([6, 6, 6]);
    expect([newA?.item(), newB?.item()]).toEqual([1, 5]);
    expect(updates.map(([target]) => target.name)).toEqual(["count", "b"]);
  });

  test("are seen through expressions made outside", () => {
    const n = count();
    const doubled = n.mul(2);
    const { outputs } = scan(() => stepResult(doubled, { updates: [[n, n.add(1)]] }), {
      nSteps: 3,
    });
    expect(evaluate(outputs).toArray()).toEqual([10, 12, 14]);
  });

  test("of an inner scan are handed on", () => {
    const n = count();
    const { updates, outputs } = scan(
      () => {
        const inner = scan(() => stepResult(n, { updates: [[n, n.add(1)]] }), { nSteps: 2 });
        return stepResult(inner.final, { updates: inner.updates });
      },
      { nSteps: 3 },
    );
    expect(
      evaluate([outputs, ...updates.map(([, value]) => value)]).map((v) => v.toArray()),
    ).toEqual([[6, 8, 10], 11]);
  });

  test("stay pending until a program receives them or they are dropped", () => {
    const n = count();
    const result = scan(() => stepResult(n, { updates: [[n, n.add(1)]] }), {
      nSteps: 2,
      name: "counter",
    });
    const apply = ownerOf(result.outputs);
    if (apply === undefined) throw new Error("no scan");
    const pending = pendingUpdates(apply);
    expect(pending?.label).toBe('scan "counter"');
    expect(pending?.updates[0]?.[0]).toBe(n);
    expect(dropUpdates(result).updates).toEqual([]);
    expect(pendingUpdates(apply)).toBeUndefined();
  });
});

describe("padded batches", () => {
  const batch = tensor("x", { shape: ["T", "B"] });
  const lengths = vector("lengths", { dtype: "int32" });
  const values = {
    x: [
      [1, 2, 3],
      [4, 5, Number.NaN],
      [6, Number.NaN, Number.NaN],
    ],
    lengths: [3, 2, 0],
  };

  test("hold states, zero outputs and take every row's own last value", () => {
    const { outputs, final } = scan((v, h) => [h.add(v), v.mul(10)], {
      sequences: batch,
      outputsInfo: [zeros([lengths.size(0)]), null],
      lengths,
    });
    expect(evaluate([...outputs, ...final], values).map((v) => v.toArray())).toEqual([
      [
        [1, 2, 0],
        [5, 7, 0],
        [11, 0, 0],
      ],
      [
        [10, 20, 0],
        [40, 50, 0],
        [60, 0, 0],
      ],
      [11, 7, 0],
      [60, 50, 0],
    ]);
  });

  test("begin at their own ends with goBackwards", () => {
    const { outputs } = scan((v) => v, { sequences: batch, lengths, goBackwards: true });
    expect(evaluate(outputs, values).toArray()).toEqual([
      [6, 5, 0],
      [4, 2, 0],
      [1, 0, 0],
    ]);
  });

  test("make no NaN out of padding, neither in values nor in gradients", () => {
    const w = scalar("w");
    const { final } = scan((v, h) => h.add(log(v).mul(w)).add(w.div(v)), {
      sequences: batch,
      outputsInfo: zeros([lengths.size(0)]),
      lengths,
    });
    const [dx, dw, dl] = evaluate([...grad(sum(final), [batch, w]), final], { ...values, w: 1 });
    expect(dx?.toArray()).toEqual([
      [0, 0.25, 0],
      [0.1875, expect.closeTo(0.16), 0],
      [expect.closeTo(1 / 6 - 1 / 36), 0, 0],
    ]);
    expect(Number.isFinite(dw?.item())).toBe(true);
    expect(dl?.data[2]).toBe(0);
  });

  test("stay finite in a scan inside a step", () => {
    const { final } = scan(
      (v, h) => h.add(scan((k) => log(v).mul(k), { sequences: constant([1, 2]) }).final),
      { sequences: batch, outputsInfo: zeros([lengths.size(0)]), lengths },
    );
    const dx = evaluate(grad(sum(final), batch), values);
    expect([...dx.data].every((v) => Number.isFinite(v))).toBe(true);
    expect(dx.toArray()).toMatchObject([
      [2, 1, 0],
      [0.5, expect.closeTo(0.4), 0],
      [expect.anything(), 0, 0],
    ]);
  });

  test("keep ids of padding inside their table", () => {
    const ids = tensor("ids", { shape: ["T", "B"], dtype: "int32" });
    const table = matrix("table");
    const { final } = scan((id, h) => h.add(index(table, id)), {
      sequences: ids,
      outputsInfo: zeros([lengths.size(0), 2]),
      lengths,
    });
    expect(
      evaluate(final, {
        ids: [
          [0, 1],
          [1, 99],
        ],
        lengths: [2, 1],
        table: [
          [1, 2],
          [3, 4],
        ],
      }).toArray(),
    ).toEqual([
      [4, 6],
      [3, 4],
    ]);
  });

  test("take a mask with holes", () => {
    const mask = tensor("mask", { shape: ["T", "B"], dtype: "bool" });
    const { outputs, final } = scan((v, h) => h.add(v), {
      sequences: batch,
      outputsInfo: zeros([batch.size(1)]),
      mask,
    });
    const got = evaluate([outputs, final], {
      x: [
        [1, 2],
        [Number.NaN, 4],
        [5, 6],
      ],
      mask: [
        [true, false],
        [false, true],
        [true, false],
      ],
    });
    expect(got.map((v) => v.toArray())).toEqual([
      [
        [1, 0],
        [0, 4],
        [6, 0],
      ],
      [6, 4],
    ]);
  });

  test("flip within their lengths", () => {
    expect(
      evaluate(reverseSequence(batch, lengths), {
        x: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        lengths: [3, 2],
      }).toArray(),
    ).toEqual([
      [5, 4],
      [3, 2],
      [1, 6],
    ]);
  });

  test("need no guard where values are chosen anyway", () => {
    const { outputs } = scan((v) => where(v.gt(0), v, 0), { sequences: batch, lengths });
    expect(evaluate(outputs, values).toArray()).toEqual([
      [1, 2, 0],
      [4, 5, 0],
      [6, 0, 0],
    ]);
  });
});
