/** What users read when a scan is given something wrong: sequences, numbers of steps, taps, options, lengths. */
import { describe, expect, test } from "vitest";
import {
  add,
  constant,
  evaluate,
  matrix,
  reverseSequence,
  scalar,
  scan,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { messageOf } from "./message-of.ts";
import { untyped } from "./untyped-scan.ts";

const x = matrix("x");
const h0 = vector("h0");

describe("scan refuses", () => {
  test("a scalar sequence", () =>
    expect(messageOf(() => scan((v) => v, { sequences: scalar("s") }))).toMatchInlineSnapshot(`
    "ShapeError SCAN_SEQUENCE_RANK: scan: sequences[0] "s" is a scalar and cannot be looped over
      hint: a sequence has its steps along axis 0; pass what every step shares as a non-sequence"
  `));
  test("to guess a number of steps", () =>
    expect(messageOf(() => scan((h) => h, { outputsInfo: h0 }))).toMatchInlineSnapshot(`
    "ArgumentError SCAN_NO_LENGTH: scan: neither sequences nor nSteps say how many steps to run
      hint: pass nSteps: 10, or a sequence"
  `));
  test("a negative nSteps", () =>
    expect(messageOf(() => scan((h) => h, { outputsInfo: h0, nSteps: -3 }))).toMatchInlineSnapshot(`
    "ArgumentError SCAN_NSTEPS: scan: nSteps must be an integer >= 0 or an int32 scalar, got -3
      hint: to run backwards, pass goBackwards: true"
  `));
  test("a fractional nSteps", () =>
    expect(messageOf(() => scan((h) => h, { outputsInfo: h0, nSteps: 2.5 })))
      .toMatchInlineSnapshot(`
    "ArgumentError SCAN_NSTEPS: scan: nSteps must be an integer >= 0 or an int32 scalar, got 2.5
      hint: nSteps: 10, or nSteps: x.size(0)"
  `));
  test("an nSteps tensor that is no int32", () =>
    expect(messageOf(() => untyped((h: Tensor) => h, { outputsInfo: h0, nSteps: scalar("n") })))
      .toMatchInlineSnapshot(`
      "DTypeError SCAN_NSTEPS: scan: nSteps "n" must be an int32 scalar
        it is f32[]
        hint: declare it with { dtype: "int32" }"
    `));
  test("an nSteps that turns out negative at the call", () => {
    const n = scalar("n", { dtype: "int32" });
    const { outputs } = scan((h) => h, { outputsInfo: h0, nSteps: n });
    expect(messageOf(() => evaluate(outputs, { h0: [1], n: -1 }))).toMatchInlineSnapshot(`
      "ArgumentError SIZE_NEGATIVE: "n" is negative (-1) and gives a size, a bound of a slice or a number of steps
        made at HERE
        hint: count from an end with x.size(axis).sub(n); run backwards with goBackwards: true"
    `);
    const less = scan((h) => h, { outputsInfo: h0, nSteps: x.size(0).sub(3), name: "short" });
    expect(messageOf(() => evaluate(less.outputs, { h0: [1], x: [[1, 2]] })))
      .toMatchInlineSnapshot(`
        "ShapeError SIZE_MISMATCH: scan "short": the number of steps (-3 + x.shape[0]) is negative: -2 is less than 0
          -3 + x.shape[0] = -2"
      `);
  });
  test("an nSteps that changes from step to step", () =>
    expect(
      messageOf(() =>
        scan((k) => scan((h) => h, { outputsInfo: h0, nSteps: k, name: "inner" }).final, {
          sequences: vector("ks", { dtype: "int32" }),
          name: "outer",
        }),
      ),
    ).toMatchInlineSnapshot(`
      "UnsupportedError SCAN_NSTEPS: scan "inner": nSteps "ks[t]" depends on what scan "outer" computes in each step
        hint: run the greatest number of steps and keep finished states with where(done, old, new)"
    `));
  test("a sequence that is too short, when the graph is built or at the call", () => {
    expect(messageOf(() => scan((v) => v, { sequences: constant([1, 2]), nSteps: 3 })))
      .toMatchInlineSnapshot(`
      "ShapeError SCAN_LENGTH: scan: sequences[0] constant f32[2] is too short for 3 steps
        it is f32[2]
        hint: give fewer steps or a longer sequence"
    `);
    const { outputs } = scan((a, b) => a.add(b), {
      sequences: { input: x, taps: [-1, 0] },
      nSteps: 3,
      name: "pairs",
    });
    expect(messageOf(() => evaluate(outputs, { x: [[1], [2], [3]] }))).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: scan "pairs": sequences[0] "x" is too short for 3 steps (taps -1, 0 cost 1 of its rows): 2 is less than 3
        -1 + x.shape[0] = 2
        hint: give fewer steps or a longer sequence"
    `);
    const tapped = scan((a, b) => a.add(b), { sequences: { input: x, taps: [-2, 0] } });
    expect(messageOf(() => evaluate(tapped.outputs, { x: [[1]] }))).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: scan: sequences[0] "x" is too short: taps -2, 0 cost 2 of its rows: -1 is less than 0
        -2 + x.shape[0] = -1
        hint: give at least as many rows as its taps reach over"
    `);
  });
  test("taps that make no sense", () => {
    expect(
      messageOf(() =>
        scan((a: Tensor, b: Tensor) => a.add(b), { sequences: { input: x, taps: [0, 0] } }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_TAPS: scan: sequences[0]: tap 0 is given twice
        hint: taps are distinct"
    `);
    expect(
      messageOf(() => scan((a: Tensor) => a, { sequences: { input: x, taps: [0.5] } })),
    ).toMatchInlineSnapshot(
      `"ArgumentError SCAN_TAPS: scan: sequences[0]: tap 0.5 is not an integer"`,
    );
    expect(
      messageOf(() =>
        scan((a: Tensor) => a, { outputsInfo: { initial: x, taps: [1] }, nSteps: 2 }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_TAPS: scan: outputsInfo[0] has tap 1; taps of a state are negative
        hint: -1 is the value that the step before gave"
    `);
    expect(messageOf(() => untyped(() => x, { outputsInfo: { taps: [-1] }, nSteps: 2 })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_ENTRY: scan: outputsInfo[0] lacks an initial state for its taps
        hint: give a tensor, a number, { initial, taps }, or null"
    `);
    expect(messageOf(() => untyped(() => x, { outputsInfo: { initial: x, tap: [-1] }, nSteps: 2 })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_ENTRY: scan: outputsInfo[0] has no field "tap"
        hint: did you mean taps? Give a tensor, a number, { initial, taps }, or null"
    `);
  });
  test("an initial state with too few rows for its taps", () =>
    expect(
      messageOf(() =>
        scan((a: Tensor, b: Tensor) => a.add(b), {
          outputsInfo: { initial: constant([1, 2]), taps: [-1, -3] },
          nSteps: 2,
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ShapeError SCAN_INITIAL: scan: outputsInfo[0] constant f32[2] needs at least 3 rows for taps -1, -3
        it is f32[2]
        hint: axis 0 of such an initial state holds its past values, the oldest first"
    `));
  test("options that do not exist, or not yet", () => {
    expect(messageOf(() => untyped((v: Tensor) => v, { sequences: x, goBackward: true })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_OPTION: scan: there is no option goBackward
        hint: did you mean goBackwards?"
    `);
    expect(messageOf(() => untyped((v: Tensor) => v, { sequences: x, mode: "FAST_RUN" })))
      .toMatchInlineSnapshot(`
      "UnsupportedError SCAN_OPTION: scan: option mode is not supported
        hint: how a loop is optimised is one choice for the whole function: compile({ optimize })"
    `);
    expect(
      messageOf(() => untyped((v: Tensor) => v, { sequences: x, goBackwards: 1 })),
    ).toMatchInlineSnapshot(
      `"ArgumentError SCAN_OPTION_VALUE: scan: goBackwards must be true or false, got 1"`,
    );
    expect(messageOf(() => scan((v) => v, { sequences: x, truncateGradient: 0 })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_TRUNCATE: scan: truncateGradient must be -1 or an integer > 0, got 0
        hint: -1 keeps the whole gradient"
    `);
  });
  test("the same name twice", () =>
    expect(
      messageOf(() =>
        untyped({
          sequences: { x },
          init: { x: h0 },
          step: ({ x: both }: Record<string, Tensor>) => ({ x: both }),
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_NAME_TWICE: scan: "x" is used twice
        hint: sequences, states, their taps and non-sequences need different names"
    `));
});

describe("a masked scan refuses", () => {
  const lengths = vector("lengths", { dtype: "int32" });
  const batch = tensor("batch", { shape: ["T", "B"] });
  test("lengths that are no int32, or both mask and lengths", () => {
    expect(messageOf(() => untyped((v: Tensor) => v, { sequences: batch, lengths: vector("n") })))
      .toMatchInlineSnapshot(`
      "DTypeError SCAN_MASK: scan: lengths "n" must be int32[B]
        it is f32[n.shape[0]]
        hint: convert it: cast(lengths, "int32")"
    `);
    expect(messageOf(() => scan((v) => v, { sequences: batch, lengths, mask: batch.gt(0) })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_MASK: scan: give mask or lengths, not both
        hint: lengths is short for a mask without holes"
    `);
    expect(messageOf(() => untyped((v: Tensor) => v, { sequences: batch, mask: batch })))
      .toMatchInlineSnapshot(`
      "DTypeError SCAN_MASK: scan: mask "batch" must be bool[T, B]
        it is f32[T, B]
        hint: compare it: gt(mask, 0)"
    `);
  });
  test("sequences, states and outputs without a batch axis", () => {
    expect(messageOf(() => scan((v) => v, { sequences: vector("v"), lengths })))
      .toMatchInlineSnapshot(`
      "ShapeError SCAN_BATCH: scan: axis 1 of sequences[0] "v" must be the batch, of size lengths.shape[0]
        it is f32[v.shape[0]]
        hint: with mask or lengths, sequences are [T, B, ...], states and outputs of a step [B, ...]"
    `);
    expect(
      messageOf(() =>
        scan((v, h) => h.add(v.sum()), { sequences: batch, outputsInfo: scalar("s"), lengths }),
      ),
    ).toMatchInlineSnapshot(`
      "ShapeError SCAN_BATCH: scan: axis 0 of outputsInfo[0] "s" must be the batch, of size lengths.shape[0]
        it is f32[]
        hint: with mask or lengths, sequences are [T, B, ...], states and outputs of a step [B, ...]"
    `);
    expect(
      messageOf(() =>
        scan({ sequences: { v: batch }, lengths, step: ({ v }) => ({ total: v.sum() }) }),
      ),
    ).toMatchInlineSnapshot(`
      "ShapeError SCAN_BATCH: scan: axis 0 of output "total" result of sum (HERE) must be the batch, of size lengths.shape[0]
        it is f32[]
        hint: with mask or lengths, sequences are [T, B, ...], states and outputs of a step [B, ...]"
    `);
  });
  test("lengths outside 0 .. T at the call, and batches that differ", () => {
    const { outputs } = scan((v, h) => add(v, h), {
      sequences: batch,
      outputsInfo: zeros([batch.size(1)]),
      lengths,
      name: "sums",
    });
    const rows = [
      [1, 2],
      [3, 4],
    ];
    expect(messageOf(() => evaluate(outputs, { batch: rows, lengths: [1, 3] })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_LENGTHS: scan "sums": lengths "lengths" exceeds the T rows of the sequences
        lengths[1] = 3, 2 rows"
    `);
    expect(messageOf(() => evaluate(outputs, { batch: rows, lengths: [1, -1] })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_LENGTHS: scan "sums": lengths "lengths" is negative
        lengths[1] = -1, 2 rows"
    `);
    expect(messageOf(() => evaluate(outputs, { batch: rows, lengths: [1, 1, 1] })))
      .toMatchInlineSnapshot(`
        "ShapeError SIZE_MISMATCH: scan "sums": axis 0 of outputsInfo[0] result of broadcastTo (HERE) must be the batch, of size lengths.shape[0]: 2 is not 3
          B = 2, lengths.shape[0] = 3"
      `);
  });
});

test("reverseSequence needs rows of a batch and whole lengths", () => {
  const lengths = vector("lengths", { dtype: "int32" });
  expect(messageOf(() => reverseSequence(vector("v"), lengths))).toMatchInlineSnapshot(
    `"ShapeError REVERSE_SEQUENCE: reverseSequence needs x [T, B, ...] and lengths [B], got "v" f32[v.shape[0]] and "lengths" i32[lengths.shape[0]]"`,
  );
  expect(messageOf(() => reverseSequence(x, vector("lengths")))).toMatchInlineSnapshot(`
    "DTypeError REVERSE_SEQUENCE: reverseSequence: lengths "lengths" must be int32
      it is f32[lengths.shape[0]]"
  `);
});
