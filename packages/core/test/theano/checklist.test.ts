/** Theano's promises about scan, row by row: each test bears the name of its row. */
import { describe, expect, test } from "vitest";
import {
  arange,
  compile,
  constant,
  grad,
  gt,
  index,
  reverse,
  shared,
  stepResult,
  sum,
  transpose,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { loosely } from "../mistakes/mistake.ts";
import { messageOf } from "../api/message-of.ts";
import { at, five, loose, v, x } from "./loop.ts";

describe("the step", () => {
  test("step function: called once, taps of sequences, taps of outputs, non-sequences", () => {
    let calls = 0;
    const { outputs } = loose(
      (now: Tensor, next: Tensor, older: Tensor, newer: Tensor, w: Tensor) => {
        calls++;
        return now.add(next.mul(10)).add(older.mul(100)).add(newer.mul(1000)).add(w);
      },
      {
        sequences: { input: v, taps: [0, 1] },
        outputsInfo: { initial: constant([7, 8], "float64"), taps: [-2, -1] },
        nonSequences: constant(0.5, "float64"),
      },
    );
    expect(calls).toBe(1);
    expect(at(index(outputs, 0), five)).toBe(1 + 20 + 700 + 8000 + 0.5);
    expect(messageOf(() => loose((_a: Tensor, _b: Tensor) => v, { sequences: v }))).toMatch(
      /SCAN_STEP_ARITY/,
    );
  });
  test("result of the step: outputs, updates and a condition go by name, so that no order can be wrong", () => {
    const n = shared(0, { name: "n", dtype: "int32" });
    const { outputs, updates } = loose(
      (u: Tensor) =>
        stepResult([u, constant(2, "float64")], {
          updates: [[n, n.add(1)]],
          until: gt(u, 2),
        } as never),
      { sequences: v },
    ) as never;
    expect(updates).toHaveLength(1);
    expect((outputs as Tensor[]).map((y) => at(y, five))).toEqual([
      [1, 2, 3],
      [2, 2, 2],
    ]);
  });
  test("result of scan: one output is a tensor, several are a list, updates must be handed on", async () => {
    const n = shared(0, { name: "n", dtype: "int32" });
    const one = loose((u: Tensor) => stepResult(u, { updates: [[n, n.add(1)]] }), { sequences: v });
    expect(one.outputs.rank).toBe(1);
    await expect(compile({ inputs: { v }, outputs: { y: one.outputs } })).rejects.toThrow(
      "UPDATES_FORGOTTEN",
    );
  });
});

describe("sequences", () => {
  test("sequences: axis 0 of one or several expressions; a scalar is refused", () => {
    const several = loose((a: Tensor, b: Tensor) => a.mul(b), {
      sequences: [reverse(v), arange(5)],
    });
    expect(at(several.outputs, five)).toEqual([0, 4, 6, 6, 4]);
    expect(
      at(loose((row: Tensor) => sum(row), { sequences: transpose(x) }).outputs, {
        x: [
          [1, 2],
          [3, 4],
        ],
      }),
    ).toEqual([4, 6]);
    expect(messageOf(() => loose((u: Tensor) => u, { sequences: zeros([]) }))).toMatch(
      /SCAN_SEQUENCE_RANK/,
    );
  });
  test("sequences of different length: the shortest wins, after taps are cut", () => {
    const w = vector("w", { dtype: "float64" });
    const { outputs } = loose((a: Tensor, b: Tensor) => a.add(b), {
      sequences: [{ input: v, taps: [2] }, w],
    });
    expect(at(outputs, { ...five, w: [10, 20, 30, 40] })).toEqual([13, 24, 35]);
  });
  test("sequence taps: past, future, any order; tap 0 is always reckoned with", () => {
    const tapped = (taps: number | readonly number[]): unknown =>
      at(
        loose((...all: Tensor[]) => all.reduce((a, b) => a.mul(10).add(b)), {
          sequences: { input: v, taps },
        }).outputs,
        five,
      );
    expect(tapped([-2, -1])).toEqual([12, 23, 34]);
    expect(tapped([1, -1])).toEqual([31, 42, 53]);
    expect(tapped(-1)).toEqual([1, 2, 3, 4]);
  });
});

describe("the number of steps", () => {
  test("n_steps int or symbolic: sequences are cut to it, too short ones are an error, without length too", async () => {
    const n = loosely(constant)(3, "int32") as Tensor;
    expect(at(loose((u: Tensor) => u, { sequences: v, nSteps: n }).outputs, five)).toEqual([
      1, 2, 3,
    ]);
    expect(() => at(loose((u: Tensor) => u, { sequences: v, nSteps: 6 }).outputs, five)).toThrow(
      "SIZE_MISMATCH",
    );
    expect(messageOf(() => loose((h: Tensor) => h, { outputsInfo: 0 }))).toMatch(/SCAN_NO_LENGTH/);
    expect(
      messageOf(() => loose((u: Tensor) => u, { sequences: v, nSteps: constant(2, "float64") })),
    ).toMatch(/SCAN_NSTEPS/);
  });
  test("n_steps = 0, empty sequence: outputs with 0 rows, the initial state is final", () => {
    const { outputs, final } = loose((u: Tensor, h: Tensor) => h.mul(u), {
      sequences: v,
      outputsInfo: constant(1, "float64"),
    });
    expect([at(outputs, { v: [] }), at(final, { v: [] })]).toEqual([[], 1]);
    expect(() => at(index(outputs, -1), { v: [] })).toThrow();
  });
  test("n_steps < 0: refused when built or called", () => {
    const k = loosely(constant)(-1, "int32") as Tensor;
    expect(
      messageOf(() => at(loose((h: Tensor) => h, { outputsInfo: 0, nSteps: k }).outputs)),
    ).toMatch(/negative|nSteps/);
    expect(messageOf(() => loose((h: Tensor) => h, { outputsInfo: 0, nSteps: -1 }))).toMatch(
      /SCAN_NSTEPS/,
    );
  });
  test("constant n_steps 1: a leading axis as with a loop, and until and updates count", () => {
    const n = shared(4, { name: "n", dtype: "int32" });
    const { outputs, updates } = loose(
      (h: Tensor) => stepResult(h.add(n), { updates: [[n, n.add(1)]], until: gt(h, -1) }),
      { outputsInfo: 1, nSteps: 1 },
    );
    expect(at(outputs)).toEqual([5]);
    expect(at(updates[0]?.[1] ?? v)).toBe(5);
  });
});

describe("states", () => {
  test("outputs_info None / []: a map; a list has an entry per output", () => {
    for (const outputsInfo of [undefined, [], null, [null]])
      expect(
        at(loose((u: Tensor) => u.mul(2), { sequences: v, outputsInfo }).outputs, five),
      ).toEqual([2, 4, 6, 8, 10]);
    expect(
      messageOf(() => loose((u: Tensor) => [u, u], { sequences: v, outputsInfo: [null] })),
    ).toMatch(/SCAN_OUTPUT_COUNT/);
  });
  test("initial state, default tap -1: of the shape and dtype of the result, and not among the outputs", () => {
    expect(
      at(
        loose((u: Tensor, h: Tensor) => h.add(u), {
          sequences: v,
          outputsInfo: constant(10, "float64"),
        }).outputs,
        five,
      ),
    ).toEqual([11, 13, 16, 20, 25]);
    expect(
      messageOf(() =>
        loose((u: Tensor, h: Tensor) => h.add(u), {
          sequences: v,
          outputsInfo: zeros([2], "float64"),
        }),
      ),
    ).toBe("nothing was thrown");
    expect(
      messageOf(() =>
        loose((u: Tensor, h: Tensor) => h.add(u), {
          sequences: v,
          outputsInfo: zeros([], "float32"),
        }),
      ),
    ).toMatch(/SCAN_CARRY/);
  });
  test("dict(initial, taps): distinct and negative, the oldest first, rows enough", () => {
    const fib = (initial: number[]): unknown =>
      at(
        loose((a: Tensor, b: Tensor) => a.add(b), {
          outputsInfo: { initial: constant(initial, "float64"), taps: [-2, -1] },
          nSteps: 4,
        }).outputs,
      );
    expect(fib([1, 1])).toEqual([2, 3, 5, 8]);
    for (const taps of [[-1, -1], [0], [1]])
      expect(
        messageOf(() =>
          loose((a: Tensor) => a, { outputsInfo: { initial: zeros([2]), taps }, nSteps: 2 }),
        ),
      ).toMatch(/SCAN_TAPS/);
    expect(
      messageOf(() =>
        loose((a: Tensor) => a, { outputsInfo: { initial: zeros([1]), taps: [-3] }, nSteps: 2 }),
      ),
    ).toMatch(/SCAN_INITIAL/);
  });
  test("tap order: [-1, -2] and [-2, -1] differ in the order of arguments alone", () => {
    const run = (taps: readonly number[]): unknown =>
      at(
        loose((a: Tensor, b: Tensor) => a.sub(b.mul(0.5)), {
          outputsInfo: { initial: constant([1, 4], "float64"), taps },
          nSteps: 2,
        }).outputs,
      );
    expect([run([-2, -1]), run([-1, -2])]).toEqual([
      [-1, 4.5],
      [3.5, 1.5],
    ]);
  });
});

describe("what steps take from outside", () => {
  test("non_sequences: numbers and arrays too; captured variables are found and differentiable", () => {
    const w = shared(3, { name: "w", dtype: "float64" });
    const { final } = loose((u: Tensor, h: Tensor, k: Tensor) => h.add(u.mul(w)).add(k), {
      sequences: v,
      outputsInfo: constant(0, "float64"),
      nonSequences: 2,
    });
    expect([at(final, five), at(grad(final, w), five)]).toEqual([55, 15]);
  });
  test("strict=True: shared variables that nonSequences does not list are refused", () => {
    const w = shared(3, { name: "w", dtype: "float64" });
    const step = (u: Tensor): Tensor => u.mul(w);
    expect(messageOf(() => loose(step, { sequences: v, strict: true }))).toMatch(
      /SCAN_STRICT.*"w"/,
    );
    expect(at(loose(step, { sequences: v, nonSequences: w, strict: true }).outputs, five)).toEqual([
      3, 6, 9, 12, 15,
    ]);
  });
  test("updates in the step: all from the values before the step, the last ones are the updates", async () => {
    const [a, b] = [shared(1, { name: "a" }), shared(2, { name: "b" })];
    const { outputs, updates } = loose(
      () =>
        stepResult(a.sub(b), {
          updates: [
            [a, b],
            [b, a],
          ],
        }),
      { nSteps: 3 },
    );
    const call = await compile({ inputs: {}, outputs: { outputs }, updates: updates as never });
    expect(call({}).outputs.toArray()).toEqual([-1, 1, -1]);
    expect([a.get().item(), b.get().item()]).toEqual([2, 1]);
  });
  test("captured symbolic input in an update: found like any other", async () => {
    const n = shared(0, { name: "n", dtype: "float64" });
    const { updates } = loose((u: Tensor) => stepResult(u, { updates: [[n, n.add(sum(v))]] }), {
      sequences: v,
    });
    const call = await compile({ inputs: { v }, outputs: {}, updates: updates as never });
    call(five);
    expect(n.get().item()).toBe(75);
  });
});

describe("direction and ends", () => {
  test("go_backwards: ends aligned, outputs in the order of the steps, taps mean what they mean", () => {
    const w = vector("w", { dtype: "float64" });
    const run = loose((a: Tensor, b: Tensor, c: Tensor) => a.mul(100).add(b.mul(10)).add(c), {
      sequences: [{ input: v, taps: [-1, 0] }, w],
      goBackwards: true,
    });
    expect(at(run.outputs, { ...five, w: [7, 8, 9] })).toEqual([459, 348, 237]);
  });
  test("until(cond): tested after the step, which is kept; a condition of no axis; the length is the cap", () => {
    expect(
      at(loose((u: Tensor) => stepResult(u, { until: gt(u, 2) }), { sequences: v }).outputs, five),
    ).toEqual([1, 2, 3]);
    expect(
      at(loose((u: Tensor) => stepResult(u, { until: gt(u, 9) }), { sequences: v }).outputs, five),
    ).toHaveLength(5);
  });
  test("truncate_gradient=k: the last k steps of the sequence; nothing comes from earlier ones", () => {
    const slope = (truncateGradient: number): unknown =>
      at(
        grad(
          sum(
            loose((u: Tensor, h: Tensor) => h.add(u), {
              sequences: v,
              outputsInfo: constant(0, "float64"),
              truncateGradient,
            }).outputs,
          ),
          v,
        ),
        five,
      );
    expect([slope(-1), slope(2), slope(9)]).toEqual([
      [5, 4, 3, 2, 1],
      [0, 0, 0, 2, 1],
      [5, 4, 3, 2, 1],
    ]);
  });
});
