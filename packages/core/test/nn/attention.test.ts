/** Attention over padded sequences against plain loops. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { gradCheck } from "../../src/api/grad-check.ts";
import { scan } from "../../src/api/scan/scan.ts";
import { tensor } from "../../src/api/tensors.ts";
import { add, mul, sqr } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import { concatenate } from "../../src/ops/concatenate.ts";
import { zeros } from "../../src/ops/constant.ts";
import { dot } from "../../src/ops/dot.ts";
import { expandDims, squeeze } from "../../src/ops/dimshuffle.ts";
import { tanh } from "../../src/ops/transcendental.ts";
import { attend, attention, gru, run, uniformWithin, zeroPadding } from "../../src/nn.ts";
import { key } from "../../src/random.ts";
import { message, refusal } from "../api/refusal.ts";
import { expectClose } from "./compare.ts";

const [T, B, K, V] = [5, 4, 3, 2];
const lengths = [5, 2, 0, 1];
const f64 = { dtype: "float64" } as const;
const query = tensor("query", { shape: ["B", K], ...f64 });
const keys = tensor("keys", { shape: ["T", "B", K], ...f64 });
const values = tensor("values", { shape: ["T", "B", V], ...f64 });
const given = tensor("lengths", { shape: ["B"], dtype: "int32" });
const mask = tensor("mask", { shape: ["T", "B"], dtype: "bool" });

const random = (id: number, shape: number[]): number[][][] =>
  uniformWithin(2)(key(id), shape).toArray() as number[][][];
const q = uniformWithin(2)(key(1), [B, K]).toArray() as number[][];
const [k, v] = [random(2, [T, B, K]), random(3, [T, B, V])];
const prefix = Array.from({ length: T }, (_, t) => lengths.map((n) => t < n));
const holes = prefix.map((row, t) => row.map((_, b) => (t * 2 + b) % 3 === 0 && b !== 2));
const poke = (x: number[][][], counts: readonly boolean[][], by = NaN): number[][][] =>
  x.map((batch, t) => batch.map((row, b) => (counts[t]?.[b] === true ? row : row.map(() => by))));

/** Weights and context of every sequence. */
function plain(counts: readonly boolean[][], scale = 1 / Math.sqrt(K)) {
  const columns = lengths.map((_, b) => {
    const scores = k.map((batch, t) =>
      counts[t]?.[b] === true
        ? Math.exp(scale * (q[b] ?? []).reduce((s, a, i) => s + a * (batch[b]?.[i] ?? NaN), 0))
        : 0,
    );
    const total = scores.reduce((s, e) => s + e, 0);
    return scores.map((e) => (total === 0 ? 0 : e / total));
  });
  return {
    weights: k.map((_, t) => columns.map((column) => column[t] ?? NaN)),
    context: columns.map((column, b) =>
      Array.from({ length: V }, (_, j) =>
        column.reduce((s, w, t) => s + w * (v[t]?.[b]?.[j] ?? NaN), 0),
      ),
    ),
  };
}

describe.each([
  ["lengths", attention(query, keys, values, { lengths: given }), prefix, undefined],
  ["a mask with holes", attention(query, keys, values, { mask }), holes, undefined],
  ["a scale", attention(query, keys, values, { mask, scale: 2 }), prefix, 2],
] as const)("attention with %s", (name, found, counts, scale) => {
  const at = (by?: number) => ({
    query: q,
    keys: poke(k, counts, by),
    values: poke(v, counts, by),
    ...(name === "lengths" ? { lengths } : { mask: counts.map((row) => [...row]) }),
  });
  test("is what a loop computes, interpreted and compiled; empty sequences read zeros", async () => {
    const wanted = plain(counts, scale);
    const inputs = { query, keys, values, lengths: given, mask };
    const f = await compile({ inputs, outputs: { ...found }, unusedInputs: "ignore" });
    const call = (by?: number) => f({ lengths, mask: prefix, ...at(by) });
    for (const by of [0, NaN, Infinity])
      for (const got of [call(by), evaluate({ ...found }, at(by))]) {
        expectClose(got.weights.toArray(), wanted.weights, 12);
        expectClose(got.context.toArray(), wanted.context, 12);
      }
    expect((call().context.toArray() as number[][])[2]).toEqual([0, 0]);
  });
  test("has the gradients of differences, none in padding, and none of them NaN", () => {
    const cost = add(sum(sqr(found.context)), sum(sqr(found.weights)));
    const slopes = gradCheck(cost, [query, keys, values], at(0));
    expect(slopes.passed, slopes.toString()).toBe(true);
    const gradients = grad(cost, [query, keys, values]);
    const there = evaluate(gradients, at(0));
    expect(evaluate(gradients, at(NaN))).toEqual(there);
    const byKey = there[1].toArray() as number[][][];
    expect(
      poke(
        byKey,
        counts.map((row) => row.map((c) => !c)),
        0,
      ),
    ).toEqual(poke(byKey, [], 0));
  });
});

test("padding has no weight, however low the scores of the rows that count", () => {
  const scores = tensor("scores", { shape: ["T", "B"], ...f64 });
  const low = k.map((batch, t) => batch.map((_, b) => -1e6 - t - b));
  const { weights } = attend(scores, values, { lengths: given });
  const found = evaluate(weights, { scores: low, lengths }).toArray() as number[][];
  for (const [b, n] of lengths.entries()) {
    const total = found.reduce((s, row) => s + (row[b] ?? NaN), 0);
    expect(total).toBeCloseTo(n === 0 ? 0 : 1, 12);
    expect(found[0]?.[b]).toBeCloseTo(
      n === 0 ? 0 : 1 / Array.from({ length: n }, (_, t) => Math.exp(-t)).reduce((s, e) => s + e),
      12,
    );
  }
});

test("more padding changes no bit", () => {
  const { context } = attention(query, keys, values, { lengths: given });
  const there = evaluate(context, { query: q, keys: k, values: v, lengths });
  const longer = (x: number[][][]): number[][][] => [...x, ...x, ...x, ...x];
  const more = { query: q, keys: longer(k), values: longer(v), lengths };
  expect(evaluate(context, more)).toEqual(there);
});

test("scores of one's own: padding is selected away before they are made", () => {
  const W = tensor("W", { shape: [K, 1], ...f64 });
  const clean = zeroPadding(keys, { lengths: given });
  const scores = squeeze(dot(tanh(add(clean, expandDims(query, 0))), W), 2);
  const { context } = attend(scores, values, { lengths: given });
  const at = { query: q, keys: poke(k, prefix, 0), values: poke(v, prefix, 0), lengths };
  const full = { ...at, W: [[1], [-2], [0.5]] };
  const cost = sum(sqr(context));
  expect(gradCheck(cost, [query, W, values], full).passed).toBe(true);
  const slopes = grad(cost, [query, W, values, keys]);
  const poked = { ...full, keys: poke(k, prefix), values: poke(v, prefix) };
  expect(evaluate(slopes, poked)).toEqual(evaluate(slopes, full));
});

test("a decoder reads an encoder at every step, compiled, whatever the padding of both holds", async () => {
  const cell = gru({ inputSize: K, hiddenSize: K, key: key(4), name: "encoder", dtype: "float64" });
  const decoder = gru({ inputSize: V + K, hiddenSize: K, key: key(5), name: "decoder", ...f64 });
  const said = tensor("said", { shape: ["S", "B", V], ...f64 });
  const count = tensor("count", { shape: ["B"], dtype: "int32" });
  const { h } = run(cell, keys, { lengths: given }).outputs;
  const { outputs } = scan({
    sequences: { word: said },
    init: { h: zeros([B, K], "float64") },
    lengths: count,
    step: ({ word, h: before }) => {
      const { context } = attention(before, h, h, { lengths: given });
      return decoder.step({ x: concatenate([word, context], 1), h: before });
    },
  });
  const parameters = [...cell.parameters, ...decoder.parameters];
  const cost = sum(mul(outputs.h, outputs.h));
  const s = random(6, [3, B, V]);
  const spoken = [1, 3, 2, 0];
  const steps = Array.from({ length: 3 }, (_, t) => spoken.map((n) => t < n));
  const clean = { keys: poke(k, prefix, 0), said: poke(s, steps, 0), lengths, count: spoken };
  const slopes = gradCheck(cost, parameters, clean);
  expect(slopes.passed, slopes.toString()).toBe(true);
  const gradients = Object.fromEntries(grad(cost, parameters).map((g, i) => [`g${i}`, g]));
  const inputs = { keys, said, lengths: given, count };
  const f = await compile({ inputs, outputs: { cost, ...gradients } });
  const there = f(clean);
  expectClose(there.cost.toArray(), evaluate(cost, clean).toArray(), 12);
  expect(f({ ...clean, keys: poke(k, prefix), said: poke(s, steps) })).toEqual(there);
});

test("refusals name the argument", () => {
  expect(message(attention, keys, keys, values)).toMatchInlineSnapshot(`
    "ShapeError ATTENTION_INPUT: attention: the query "keys" f64[T, B, 3] is not [B, K]
      hint: sequences are [T, B, ...]: time first, then the batch; a query is [B, K]"
  `);
  expect(message(attend, query, values, { lengths: given, mask })).toMatchInlineSnapshot(`
    "ArgumentError LAYER_OPTION: attend: give mask or lengths, not both
      hint: lengths is short for a mask without holes"
  `);
  expect(message(attend, query, values, { mask: keys })).toMatchInlineSnapshot(`
    "DTypeError ATTENTION_MASK: attend: mask "keys" f64[T, B, 3] is not bool
      hint: compare it: gt(mask, 0)"
  `);
  const floats = tensor("lengths", { shape: ["B"] });
  expect(message(zeroPadding, values, { lengths: floats })).toMatchInlineSnapshot(`
    "DTypeError ATTENTION_MASK: zeroPadding: lengths "lengths" f32[B] is not int32
      hint: convert it: cast(lengths, "int32")"
  `);
  expect(refusal(zeroPadding, floats, { mask })).toMatch(/ATTENTION_INPUT: zeroPadding: "lengths"/);
  expect(refusal(attend, query, query, {})).toMatch(/ATTENTION_INPUT: attend: values "query"/);
  expect(refusal(attend, query, values, { lengths: mask })).toMatch(/ATTENTION_MASK/);
  expect(refusal(attention, query, keys, values, { length: given })).toMatch(
    /LAYER_OPTION: attention has no option length/,
  );
  expect(message(attention, q, keys, values)).toMatchInlineSnapshot(`
    "ArgumentError OPERAND: attention: the query is not a tensor
      hint: of a run or a scan, take a tensor of its .outputs or .final; numbers become one by constant(...)"
  `);
  expect(refusal(attend, run, values)).toMatch(/OPERAND: attend: scores is not a tensor/);
  expect(refusal(zeroPadding, [[1]], { mask })).toMatch(/OPERAND: zeroPadding/);
  expect(refusal(zeroPadding, keys, { lengths: [1] })).toMatch(/OPERAND: zeroPadding: lengths/);
  const { context } = attention(query, keys, values, { lengths: given });
  const wrong = { query: q, keys: k, values: v, lengths: [6, 0, 0, 0] };
  expect(message(() => evaluate(context, wrong))).toMatchInlineSnapshot(`
    "ArgumentError SCAN_LENGTHS: attention: lengths "lengths" exceeds the T rows of the sequences
      lengths[0] = 6, 5 rows"
  `);
});

test("rows of another batch, or of other steps, are never spread; one query may serve all", () => {
  const of = (name: string, shape: (string | number)[], dtype: "float64" | "int32" | "bool") =>
    tensor(name, { shape, dtype });
  const one = of("one", [1], "int32");
  expect(message(attention, query, keys, values, { lengths: one })).toMatchInlineSnapshot(`
    "ShapeError ATTENTION_INPUT: attention: lengths "one" i32[1]: axis 0 must be the batch, of size B
      hint: sequences are [T, B, ...]: time first, then the batch; a query is [B, K]; broadcastTo(x, shape) spreads one for all"
  `);
  for (const shape of [
    ["T", 1],
    [1, "B"],
  ]) {
    const given = of("given", shape, "bool");
    expect(refusal(attention, query, keys, values, { mask: given })).toMatch(
      /ATTENTION_INPUT: attention: mask "given".*: axis [01] must be/,
    );
    expect(refusal(attention, query, keys, of("v", [...shape, V], "float64"))).toMatch(
      /ATTENTION_INPUT: attention: values "v".*: axis [01] must be/,
    );
    expect(
      refusal(attend, of("s", ["T", "B"], "float64"), of("v", [...shape, V], "float64")),
    ).toMatch(/ATTENTION_INPUT: attend: values "v".*: axis [01] must be/);
  }
  expect(refusal(attention, of("q", ["B", 1], "float64"), keys, values)).toMatch(
    /ATTENTION_INPUT: attention: the query "q".*: axis 1 must be as wide as the keys, of size 3/,
  );
  const others = attention(of("others", ["N", K], "float64"), keys, values).context;
  const wrong = { others: [...q, ...q], keys: k, values: v };
  expect(message(() => evaluate(others, wrong))).toMatchInlineSnapshot(`
    "ShapeError SIZE_MISMATCH: attention: the query "others" f64[N, 3]: axis 0 must be the batch, of size B: 8 is not 4
      N = 8, B = 4"
  `);
  const single = of("single", [1, K], "float64");
  const first = q.slice(0, 1);
  const shared = attention(single, keys, values, { lengths: given }).context;
  const each = attention(query, keys, values, { lengths: given }).context;
  const at = { keys: k, values: v, lengths };
  expect(evaluate(shared, { ...at, single: first })).toEqual(
    evaluate(each, { ...at, query: lengths.flatMap(() => first) }),
  );
});
