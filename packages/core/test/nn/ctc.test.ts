/** CTC against the sum over all paths, written out. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { gradCheck } from "../../src/api/grad-check.ts";
import { tensor } from "../../src/api/tensors.ts";
import { mean } from "../../src/ops/axes.ts";
import { sqr } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { ctcLoss, dense, gru, run, uniformWithin } from "../../src/nn.ts";
import { adam } from "../../src/optim.ts";
import { key } from "../../src/random.ts";
import { messageOf } from "../api/message-of.ts";
import { message, refusal } from "../api/refusal.ts";
import { expectClose } from "./compare.ts";

const [T, C, L] = [5, 3, 3];
/** Labels, and how many steps each sequence has. */
const cases: readonly { readonly labels: readonly number[]; readonly steps: number }[] = [
  { labels: [1], steps: 5 },
  { labels: [1, 2], steps: 4 },
  { labels: [1, 1], steps: 5 },
  { labels: [2, 2, 1], steps: 4 },
  { labels: [2, 2, 2], steps: 5 },
  { labels: [1, 2, 1], steps: 3 },
  { labels: [], steps: 3 },
  { labels: [], steps: 0 },
  { labels: [2], steps: 1 },
];
/** Labels that their sequences are too short for. */
const infeasible: typeof cases = [
  { labels: [1], steps: 0 },
  { labels: [1, 1], steps: 2 },
  { labels: [1, 2, 1], steps: 2 },
  { labels: [2, 2, 2], steps: 4 },
];
const all = [...cases, ...infeasible];
const B = all.length;
const x = tensor("x", { shape: ["T", "B", C], dtype: "float64" });
const labels = tensor("labels", { shape: ["B", "L"], dtype: "int32" });
const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
const counts = tensor("counts", { shape: ["B"], dtype: "int32" });
const loss = ctcLoss(x, labels, lengths, counts);
const logits = uniformWithin(3)(key(1), [T, B, C]).toArray() as number[][][];

/** Every sequence of `steps` classes. */
const paths = (steps: number): number[][] =>
  steps === 0
    ? [[]]
    : paths(steps - 1).flatMap((path) => Array.from({ length: C }, (_, c) => [...path, c]));
/** A path without repetitions, then without blanks. */
const collapsed = (path: readonly number[], blank: number): string =>
  path.filter((c, t) => c !== path[t - 1] && c !== blank).join();

function enumerated(b: number, named: readonly number[], steps: number, blank = 0): number {
  const log = logits.map((batch) => {
    const row = batch[b] ?? [];
    const total = row.reduce((s, v) => s + Math.exp(v), 0);
    return row.map((v) => v - Math.log(total));
  });
  const wanted = named.join();
  const p = paths(steps)
    .filter((path) => collapsed(path, blank) === wanted)
    .reduce((s, path) => s + Math.exp(path.reduce((q, c, t) => q + (log[t]?.[c] ?? NaN), 0)), 0);
  return -Math.log(p);
}

const padded = (rows: readonly number[], by: number): number[] =>
  Array.from({ length: L }, (_, i) => rows[i] ?? by);
/** The values of some sequences; padding of the logits holds `poke`, that of the labels `label`. */
const batch = (which: typeof cases, poke = 0, label = 0) => ({
  x: logits.map((rows, t) =>
    which.map(({ steps }, k) => {
      const row = rows[all.indexOf(which[k] ?? { labels: [], steps: 0 })] ?? [];
      return t < steps ? row : row.map(() => poke);
    }),
  ),
  labels: which.map((one) => padded(one.labels, label)),
  lengths: which.map(({ steps }) => steps),
  counts: which.map((one) => one.labels.length),
});
const inputs = { x, labels, lengths, counts };

describe("ctcLoss", () => {
  test("is minus the logarithm of the sum over all paths, interpreted and compiled", async () => {
    const wanted = all.map((one, b) => enumerated(b, one.labels, one.steps));
    const f = await compile({ inputs, outputs: { loss } });
    for (const got of [f(batch(all)).loss, evaluate(loss, batch(all))]) {
      const values = got.toArray() as number[];
      expectClose(values.slice(0, cases.length), wanted.slice(0, cases.length), 11);
      expect(values.slice(cases.length)).toEqual(infeasible.map(() => Infinity));
    }
  });

  test("takes any class for the blank, and float32", () => {
    const swapped = [
      { labels: [0, 1, 0], steps: 5 },
      { labels: [1, 1], steps: 4 },
    ];
    for (const blank of [2, C - 1]) {
      const other = ctcLoss(x, labels, lengths, counts, { blank });
      const values = evaluate(other, {
        ...batch(all.slice(0, 2)),
        labels: swapped.map((one) => padded(one.labels, 0)),
        lengths: swapped.map(({ steps }) => steps),
        counts: swapped.map((one) => one.labels.length),
        x: logits.map((rows) => rows.slice(0, 2)),
      });
      expectClose(
        values.toArray(),
        swapped.map((o, b) => enumerated(b, o.labels, o.steps, 2)),
        11,
      );
    }
    const single = tensor("x", { shape: ["T", "B", C] });
    const f32 = ctcLoss(single, labels, lengths, counts);
    expect(f32.dtype).toBe("float32");
    const values = evaluate(f32, batch(all)).toArray() as number[];
    const wanted = cases.map((one, b) => enumerated(b, one.labels, one.steps));
    expectClose(values.slice(0, cases.length), wanted, 4);
    expect(values.slice(cases.length)).toEqual(infeasible.map(() => Infinity));
  });

  test("has the gradients of differences, to second order, and none where labels do not fit", async () => {
    const report = gradCheck(sum(loss), [x], batch(cases));
    expect(report.passed, report.toString()).toBe(true);
    const slopes = grad(sum(loss), x);
    const second = gradCheck(sum(sqr(slopes)), [x], batch(cases.slice(0, 4)));
    expect(second.passed, second.toString()).toBe(true);
    const f = await compile({ inputs, outputs: { slopes } });
    for (const got of [f(batch(all)).slopes, evaluate(slopes, batch(all))]) {
      const rows = got.toArray() as number[][][];
      expect(rows.flat(2).every(Number.isFinite)).toBe(true);
      for (const row of rows)
        for (const one of row.slice(cases.length)) expect(one.map(Math.abs)).toEqual([0, 0, 0]);
    }
    // A class that cannot be left alone: its gradient sums to 0 over the classes of each step.
    const [first = []] = (evaluate(slopes, batch(all)).toArray() as number[][][]) ?? [];
    for (const row of first) expect(row.reduce((s, g) => s + g, 0)).toBeCloseTo(0, 12);
  });

  test("of a batch is that of each sequence alone, and padding changes no bit", async () => {
    const slopes = grad(sum(loss), x);
    const f = await compile({ inputs, outputs: { loss, slopes } });
    const there = f(batch(all));
    expect(f(batch(all, NaN, -99))).toEqual(there);
    expect(f(batch(all, Infinity, 99))).toEqual(there);
    expect(evaluate({ loss, slopes }, batch(all, NaN, 7))).toEqual(
      evaluate({ loss, slopes }, batch(all)),
    );
    const together = there.loss.toArray() as number[];
    const rows = there.slopes.toArray() as number[][][];
    for (const [b, one] of all.entries()) {
      const given = batch([one]);
      const kept = Math.max(1, one.steps);
      const alone = f({
        x: given.x.slice(0, kept),
        labels: [[...one.labels]],
        lengths: [one.steps],
        counts: [one.labels.length],
      });
      expect(alone.loss.toArray()).toEqual([together[b]]);
      expectClose(
        alone.slopes.toArray(),
        rows.slice(0, kept).map((row) => [row[b] ?? []]),
        14,
      );
    }
  });

  test("forbids classes of logit -Infinity, and stays finite over long sequences", () => {
    const [one] = cases;
    const given = batch(one === undefined ? [] : [one]);
    const never = given.x.map((rows) => rows.map(([a = 0, , c = 0]) => [a, -Infinity, c]));
    const [value, slopes] = evaluate([loss, grad(sum(loss), x)], { ...given, x: never });
    expect(value.toArray()).toEqual([Infinity]);
    expect([...slopes.data].map(Math.abs)).toEqual([...slopes.data].map(() => 0));
    const other = batch([{ labels: [2], steps: 5 }]);
    const forbidden = { ...other, x: never };
    const [finite, gradient] = evaluate([loss, grad(sum(loss), x)], forbidden);
    expect(Number.isFinite(finite.item())).toBe(true);
    expect(gradient.data.every(Number.isFinite)).toBe(true);
    // Two classes of a step forbidden: three ways into a place are all of probability 0.
    const two = given.x.map((rows) => rows.map(([, , c = 0]) => [-Infinity, -Infinity, c]));
    for (const [labels, wanted] of [
      [[1], Infinity],
      [[2], 0],
    ] as const) {
      const one = { ...batch([{ labels, steps: 5 }]), x: two };
      const [cost, towards] = evaluate([loss, grad(sum(loss), x)], one);
      expect(cost.item()).toBeCloseTo(wanted, 12);
      expect(towards.data.every(Number.isFinite)).toBe(true);
    }
    const unlikely = { x: [[[2e5, 0, 0]]], labels: [[1]], lengths: [1], counts: [1] };
    expect(evaluate(loss, unlikely).item()).toBe(2e5);
    const long = Array.from({ length: 3000 }, () => [[20, -20, -20]]);
    const far = { x: long, labels: [[1, 2, 1]], lengths: [3000], counts: [3] };
    expect(evaluate(loss, far).item()).toBeGreaterThan(80);
    expect(evaluate(grad(sum(loss), x), far).data.every(Number.isFinite)).toBe(true);
  });
});

test("a network learns to spell what it sees, without being told when", async () => {
  const cell = gru({ inputSize: C, hiddenSize: 12, key: key(3), name: "reader" });
  const output = dense({ inputSize: 12, outputSize: C, key: key(4), name: "output" });
  const seen = tensor("seen", { shape: ["T", "B", C] });
  const h = run(cell, seen, { lengths }).outputs.h;
  const cost = mean(ctcLoss(output(h), labels, lengths, counts));
  const parameters = [...cell.parameters, ...output.parameters];
  const updates = adam({ learningRate: 0.03 }).updates(parameters, grad(cost, parameters));
  const train = await compile({
    inputs: { seen, labels, lengths, counts },
    outputs: { cost },
    updates,
  });
  const words = [[1, 2], [2, 1], [1, 1], [2]];
  const shown = words.map((word) => word.flatMap((c) => [c, c, 0]));
  const data = {
    seen: Array.from({ length: 6 }, (_, t) =>
      shown.map((steps) => Array.from({ length: C }, (__, c) => Number(steps[t] === c))),
    ),
    labels: words.map((word) => [word[0] ?? 0, word[1] ?? 0]),
    lengths: shown.map((steps) => steps.length),
    counts: words.map((word) => word.length),
  };
  const costs = Array.from({ length: 150 }, () => train(data).cost.item());
  expect(costs[0]).toBeGreaterThan(1);
  expect(costs.at(-1)).toBeLessThan(0.1);
});

test("refusals name the argument", () => {
  expect(message(ctcLoss, x, lengths, lengths, counts)).toMatchInlineSnapshot(`
    "ShapeError CTC_INPUT: ctcLoss: labels "lengths" i32[B] is not [B, L]
      hint: ctcLoss(logits [T, B, C], labels [B, L], inputLengths [B], labelLengths [B])"
  `);
  expect(refusal(ctcLoss, x, [[1]], lengths, counts)).toMatch(/OPERAND: ctcLoss: labels is not a/);
  const floats = tensor("floats", { shape: ["B", "L"] });
  expect(message(ctcLoss, x, floats, lengths, counts)).toMatchInlineSnapshot(`
    "DTypeError CTC_INPUT: ctcLoss: labels "floats" f32[B, L] is not int32
      hint: convert it: cast(labels, "int32")"
  `);
  expect(message(ctcLoss, x, labels, lengths, counts, { blank: 3 })).toMatchInlineSnapshot(`
    "ArgumentError LAYER_OPTION: ctcLoss: blank is 3
      hint: it is one of the classes, 0 .. 2"
  `);
  expect(refusal(ctcLoss, x, labels, lengths, counts, { reduction: "mean" })).toMatch(
    /LAYER_OPTION: ctcLoss has no option reduction/,
  );
  const [one] = cases;
  const given = batch(one === undefined ? [] : [one]);
  expect(message(() => evaluate(loss, { ...given, counts: [4] }))).toMatchInlineSnapshot(`
    "ArgumentError SCAN_LENGTHS: ctcLoss: labelLengths "counts" exceeds the L rows of the sequences
      lengths[0] = 4, 3 rows"
  `);
  expect(message(() => evaluate(loss, { ...given, lengths: [6] }))).toMatchInlineSnapshot(`
    "ArgumentError SCAN_LENGTHS: scan "ctcLoss": lengths "lengths" exceeds the T rows of the sequences
      lengths[0] = 6, 5 rows"
  `);
  expect(message(() => evaluate(loss, { ...given, labels: [[1], [1]] }))).toMatchInlineSnapshot(`
    "ShapeError INPUT_SIZE: size B is 1 in axis 1 of "x" and 2 in axis 0 of "labels"
      hint: inputs that name the same size must agree in it"
  `);
});

test.each([
  ["the blank", [1, 0, 2], /^ArgumentError CTC_LABEL: ctcLoss: labels "labels" hold the blank, 0,/],
  [
    "too great",
    [1, 3, 2],
    /^ArgumentError CTC_LABEL: ctcLoss: labels "labels" hold what is no class/,
  ],
  [
    "below 0",
    [1, 2, -1],
    /^ArgumentError CTC_LABEL: ctcLoss: labels "labels" hold what is no class/,
  ],
])("a label that is %s fails the call, interpreted and compiled", async (_, ids, wanted) => {
  const values = {
    x: logits.map((rows) => rows.slice(0, 2)),
    labels: [[1, 2, 1], ids],
    lengths: [5, 5],
    counts: [3, 3],
  };
  const compiled = await compile({ inputs, outputs: { loss } });
  const slopes = await compile({ inputs, outputs: { slopes: grad(sum(loss), x) } });
  expect(messageOf(() => compiled(values))).toMatch(wanted);
  expect(messageOf(() => slopes(values))).toMatch(wanted);
  expect(messageOf(() => evaluate(loss, values))).toMatch(wanted);
  expect(messageOf(() => evaluate(loss, values))).toContain(
    `labels[1, ${ids.findIndex((id) => id < 1 || id > 2)}] = `,
  );
  // Behind the count anything may stand.
  const shorter = { ...values, counts: [3, 1] };
  expect(compiled(shorter).loss.data.every(Number.isFinite)).toBe(true);
});
