/** What users read when the step of a scan is wrong: its states, its arguments, its results, what it captures. */
import { describe, expect, test } from "vitest";
import {
  cast,
  evaluate,
  expandDims,
  matrix,
  scalar,
  scan,
  shared,
  stepResult,
  tensor,
  transpose,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { messageOf } from "./message-of.ts";
import { untyped } from "./untyped-scan.ts";

const x = matrix("x");
const h0 = vector("h0");

describe("scan refuses a step", () => {
  test("a state that changes its shape", () =>
    expect(
      messageOf(() =>
        scan({
          name: "decoder",
          sequences: { x: tensor("x", { shape: ["T", 16] }) },
          init: { h: zeros([16]), cell: zeros([16, 64]) },
          step: ({ x, h, cell }) => ({ h: h.add(x), cell: transpose(cell) }),
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ShapeError SCAN_CARRY: scan "decoder": state "cell" enters a step as f32[16, 64] and leaves it as f32[64, 16]
        entered at HERE (init.cell)   left at HERE (dimshuffle)
        hint: a state keeps its shape from step to step; transpose or reshape the result, or change the initial state"
    `));
  test("a state that changes its dtype", () =>
    expect(
      messageOf(() => scan((v, h) => cast(h.add(v), "float64"), { sequences: x, outputsInfo: h0 })),
    ).toMatchInlineSnapshot(`
      "DTypeError SCAN_CARRY: scan: state 0 ("h0") enters a step as f32[h0.shape[0]] and leaves it as f64[x.shape[1]]
        entered at HERE (outputsInfo[0])   left at HERE (cast)
        hint: a state keeps its dtype from step to step; cast the result to float32 or the initial state to float64"
    `));
  test("a state that changes its number of axes", () =>
    expect(messageOf(() => scan((v, h) => h.add(v), { sequences: x, outputsInfo: scalar("s") })))
      .toMatchInlineSnapshot(`
      "ShapeError SCAN_CARRY: scan: state 0 ("s") enters a step as f32[] and leaves it as f32[x.shape[1]]
        entered at HERE (outputsInfo[0])   left at HERE (add)
        hint: a state keeps its shape from step to step; transpose or reshape the result, or change the initial state"
    `));
  test("sizes of a state that turn out to differ at the call", () => {
    const { outputs } = scan((v, _h) => v, { sequences: x, outputsInfo: h0, name: "copy" });
    expect(messageOf(() => evaluate(outputs, { x: [[1, 2]], h0: [0] }))).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: scan "copy": state 0 ("h0") enters a step as f32[h0.shape[0]] and leaves it as f32[x.shape[1]]: axis 0 must not change: 1 is not 2
        h0.shape[0] = 1, x.shape[1] = 2
        hint: a state keeps its shape from step to step; transpose or reshape the result, or change the initial state"
    `);
  });
  test("a step that wants more arguments than there are", () =>
    expect(
      messageOf(() =>
        untyped((a: Tensor, b: Tensor, c: Tensor) => a.add(b).add(c), {
          sequences: [x],
          outputsInfo: [h0],
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_ARITY: scan: the step takes 3 arguments and gets fewer
        it gets: sequences[0] (taps 0); outputsInfo[0] (taps -1)
        hint: arguments come in this order: every tap of every sequence, every tap of every state, the non-sequences"
    `));
  test("a misspelt argument of a named step", () =>
    expect(
      messageOf(() =>
        untyped({
          sequences: { words: x },
          step: ({ word }: Record<string, Tensor>) => ({ y: word }),
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_ARGUMENT: scan: the step has no argument "word"
        it gets: words
        hint: did you mean words?"
    `));
  test("more or fewer outputs than outputsInfo says", () =>
    expect(
      messageOf(() =>
        untyped((v: Tensor, h: Tensor) => [h.add(v)], { sequences: [x], outputsInfo: [h0, null] }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_OUTPUT_COUNT: scan: outputsInfo has 2 entries and the step returns 1 outputs
        hint: give one entry per output: its initial state, or null when it is not fed back"
    `));
  test("results that are no tensors", () => {
    expect(messageOf(() => untyped(() => 3, { nSteps: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: the step returns the number 3
        hint: only tensors: constant(3)"
    `);
    expect(messageOf(() => untyped(() => undefined, { nSteps: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: the step returns nothing
        hint: return a tensor, a list or a record of tensors"
    `);
    expect(messageOf(() => untyped(() => [x, 3], { nSteps: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: output 1 of the step is the number 3
        hint: only tensors: constant(3)"
    `);
    expect(messageOf(() => untyped(async () => x, { nSteps: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: the step returns a promise
        hint: a step builds a graph and cannot be async"
    `);
    const count = shared(0, { name: "count", dtype: "int32" });
    expect(messageOf(() => untyped(() => [[[count, count]], x], { nSteps: 2 })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: output 0 of the step is a list
        hint: updates go beside the outputs: return stepResult(outputs, { updates: [[shared, value]] })"
    `);
  });
  test("a named step that does not return a state", () =>
    expect(
      messageOf(() =>
        untyped({
          init: { h: h0 },
          nSteps: 2,
          step: ({ h }: Record<string, Tensor>) => ({ hNew: h }),
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP_RESULT: scan: the step does not return state "h"
        it returns: hNew"
    `));
  test("a compiled function as a step", () => {
    const compiled = Object.assign(() => ({}), { explain: () => "", dispose: () => undefined });
    expect(messageOf(() => untyped(compiled, { sequences: x }))).toMatchInlineSnapshot(`
      "ArgumentError SCAN_STEP: scan: the step is a compiled function, which computes numbers
        hint: pass the JavaScript function that builds the graph of one step"
    `);
    expect(messageOf(() => untyped(3, { sequences: x }))).toMatchInlineSnapshot(
      `"ArgumentError SCAN_STEP: scan: the step must be a function, got number"`,
    );
  });
  test("captured shared variables that a strict scan does not list", () => {
    const W = shared([1, 2], { name: "W" });
    expect(messageOf(() => scan((v) => v.mul(W), { sequences: x, strict: true })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_STRICT: scan: the step uses shared variable "W", which nonSequences does not list
        it was made at HERE
        hint: list it in nonSequences, or leave strict out"
    `);
    expect(
      scan((v, w) => v.mul(w), { sequences: x, nonSequences: W, strict: true }).outputs.rank,
    ).toBe(2);
  });
  test("to drop the updates of an inner scan in silence", () => {
    const count = shared(0, { name: "count", dtype: "int32" });
    const inner = (): Tensor =>
      scan(() => stepResult(count, { updates: [[count, count.add(1)]] }), {
        nSteps: 2,
        name: "inner",
      }).final;
    expect(messageOf(() => scan((v) => v.add(inner()), { sequences: x, name: "outer" })))
      .toMatchInlineSnapshot(`
      "ArgumentError SCAN_UPDATES_LOST: scan "outer": its step uses scan "inner" and drops the update of shared variable "count" that it makes
        hint: return stepResult(outputs, { updates: inner.updates }), or wrap the inner result in dropUpdates(...)"
    `);
  });
});

test("a number whose state grows an axis at each step has no type", () =>
  expect(
    messageOf(() =>
      scan({
        init: { h: 0 },
        nSteps: 2,
        name: "grows",
        step: ({ h }) => ({ h: expandDims(h, 0) }),
      }),
    ),
  ).toMatchInlineSnapshot(`
    "ArgumentError SCAN_INITIAL_NUMBER: scan "grows": init.h is a number, and the type of its state does not settle
      the last try gave i32[1, 1, 1, 1, 1]
      hint: give the initial state as a tensor: zeros([B, H])"
  `));

test("a size that changes from step to step is refused", () =>
  expect(
    messageOf(() =>
      scan({
        sequences: { n: vector("n", { dtype: "int32" }) },
        name: "ragged",
        step: ({ n }) => ({ y: zeros([n]) }),
      }),
    ),
  ).toMatchInlineSnapshot(`
    "UnsupportedError SIZE_IN_STEP: zeros: size "n[t]" depends on what scan "ragged" computes in each step
      hint: sizes cannot change from step to step; use the greatest size and a mask"
  `));

describe("a step is told of wrong sizes by what the user wrote", () => {
  const weights = (name: string, rows: number, columns: number): Tensor =>
    tensor(name, { shape: [rows, columns] });
  const rnn =
    (Wi: Tensor, Wh: Tensor) =>
    (v: Tensor, h: Tensor): Tensor =>
      v.dot(Wi).add(h.dot(Wh));
  const sequence = tensor("xSeq", { shape: ["T", 2] });

  test("a state without a name by its place", () => {
    const step = rnn(weights("Wi", 2, 8), weights("Wh", 8, 8));
    expect(messageOf(() => scan(step, { sequences: sequence, outputsInfo: zeros([7]) })))
      .toMatchInlineSnapshot(`
      "ShapeError SHAPE_MISMATCH: dot: axis 0 of state 0 (outputsInfo[0]) at t-1 (7) and axis 0 of "Wh" (8) must agree
        state 0 (outputsInfo[0]) at t-1 f32[7]
        "Wh" f32[8, 8]
        hint: the last axis of the first is multiplied with axis 0 of the second"
    `);
  });
  test("a sequence without a name by its place", () => {
    const step = rnn(weights("Wi", 3, 8), weights("Wh", 8, 8));
    expect(messageOf(() => scan(step, { sequences: sequence.mul(2), outputsInfo: zeros([8]) })))
      .toMatchInlineSnapshot(`
      "ShapeError SHAPE_MISMATCH: dot: axis 0 of sequences[0] at t (2) and axis 0 of "Wi" (3) must agree
        sequences[0] at t f32[2]
        "Wi" f32[3, 8]
        hint: the last axis of the first is multiplied with axis 0 of the second"
    `);
  });
  test("results of products by their factors", () => {
    const step = rnn(weights("Wi", 2, 8), weights("Wh", 8, 7));
    expect(messageOf(() => scan(step, { sequences: sequence, outputsInfo: zeros([8]) })))
      .toMatchInlineSnapshot(`
      "ShapeError SHAPE_MISMATCH: add: axis 0 of result of dot("xSeq[t]", "Wi") (HERE) (8) and axis 0 of result of dot(..., "Wh") (HERE) (7) must agree
        result of dot("xSeq[t]", "Wi") (HERE) f32[8]
        result of dot(..., "Wh") (HERE) f32[7]"
    `);
  });
});
