/** Batches without steps, sequences or labels: no NaN, compiled and interpreted. */
import { expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { evaluate } from "../../src/api/evaluate.ts";
import { grad } from "../../src/api/grad.ts";
import { tensor } from "../../src/api/tensors.ts";
import { generate } from "../../src/graph/ndarray.ts";
import { add, sqr } from "../../src/ops/arithmetic.ts";
import { sum } from "../../src/ops/broadcast.ts";
import {
  attention,
  ctcLoss,
  gru,
  lstm,
  recurrentDropout,
  residual,
  run,
  stacked,
} from "../../src/nn.ts";
import { key } from "../../src/random.ts";
import { message, refusal } from "../api/refusal.ts";

const x = tensor("x", { shape: ["T", "B", 3] });
const query = tensor("query", { shape: ["B", 3] });
const labels = tensor("labels", { shape: ["B", "L"], dtype: "int32" });
const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
const counts = tensor("counts", { shape: ["B"], dtype: "int32" });
const options = (name: string) => ({ inputSize: 3, hiddenSize: 3, key: key(1), name });
const cell = stacked([
  recurrentDropout(lstm(options("first")), { rate: 0.5, key: key(2) }),
  residual(gru(options("second"))),
]);

test.each([
  [0, 2, 2],
  [3, 0, 2],
  [3, 2, 0],
  [0, 2, 0],
])("T = %i, B = %i, L = %i", async (T, B, L) => {
  const loss = ctcLoss(x, labels, lengths, counts);
  const { context } = attention(query, x, x, { lengths });
  const { h } = run(cell, x, { lengths }).final;
  const cost = add(add(sum(loss), sum(sqr(context))), sum(h));
  const [slopes, towards] = grad(cost, [x, query]);
  const outputs = { loss, context, h, slopes, towards };
  const none = (shape: readonly number[]) => generate("int32", shape, () => 0);
  const values = {
    x: generate("float32", [T, B, 3], () => NaN),
    query: generate("float32", [B, 3], () => 1),
    labels: none([B, L]),
    lengths: none([B]),
    counts: none([B]),
  };
  const f = await compile({ inputs: { x, query, labels, lengths, counts }, outputs });
  const found = f(values);
  expect(found).toEqual(evaluate(outputs, values));
  for (const { data } of Object.values(found))
    expect(Array.from(data, Math.abs)).toEqual(Array.from(data, () => 0));
  expect(found.loss.shape).toEqual([B]);
});

test("labels of another batch are refused", () => {
  const one = tensor("one", { shape: [1, "L"], dtype: "int32" });
  const single = tensor("single", { shape: [1], dtype: "int32" });
  expect(message(ctcLoss, x, one, lengths, counts)).toMatchInlineSnapshot(`
    "ShapeError SCAN_BATCH: ctcLoss: axis 0 of labels "one" must be the batch, of size B
      it is i32[1, L]
      hint: with mask or lengths, sequences are [T, B, ...], states and outputs of a step [B, ...]"
  `);
  expect(refusal(ctcLoss, x, labels, lengths, single)).toMatch(
    /SCAN_BATCH: ctcLoss: axis 0 of labelLengths "single" must be the batch/,
  );
  const [two, three] = [
    tensor("two", { shape: ["T", 2, 3] }),
    tensor("three", { shape: [3, "L"], dtype: "int32" }),
  ];
  expect(refusal(ctcLoss, two, three, lengths, counts)).toMatch(
    /SCAN_BATCH: ctcLoss: axis 0 of labels/,
  );
  const others = tensor("others", { shape: ["N", "L"], dtype: "int32" });
  const loss = ctcLoss(x, others, lengths, counts);
  const values = { x: [[[1, 2, 3]]], others: [[1], [2]], lengths: [1], counts: [1] };
  expect(refusal(() => evaluate(loss, values))).toMatch(
    /axis 0 of labels "others" must be the batch/,
  );
});
