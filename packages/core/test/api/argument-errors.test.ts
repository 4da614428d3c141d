/** What plain JavaScript may pass by mistake: never NaN, always a sentence. */
import { expect, test } from "vitest";
import * as core from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

type Loose = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
const { add, cast, tanh, dot, constant, index, zeros, sum } = core as unknown as Loose;
const x = core.vector("x");
const call = (f: Loose[string] | undefined, ...args: readonly unknown[]): string =>
  messageOf(() => f?.(...args));

test("operands are tensors or numbers", () => {
  expect(call(tanh, undefined)).toMatchInlineSnapshot(`
    "ArgumentError OPERAND: tanh: argument 1 is undefined
      hint: give a tensor, a number, nested arrays of numbers or an NDArray; x[-1] is index(x, -1)"
  `);
  expect(call(add, x, "1")).toMatchInlineSnapshot(`
    "ArgumentError OPERAND: add: argument 2 is "1"
      hint: give a tensor, a number, nested arrays of numbers or an NDArray"
  `);
  expect(call(add, x, null)).toContain("OPERAND: add: argument 2 is null");
  expect(call(dot, { a: 1 }, x)).toContain("OPERAND: dot: argument 1 is an object (a)");
  expect(call(constant, [1, "2"])).toContain("OPERAND: constant: the value is a list");
});
test("slices are no strings", () => {
  expect(call(index, x, "1:3")).toMatchInlineSnapshot(`
    "ArgumentError INDEX_VALUE: index: "1:3" is no index
      hint: a place is an integer, a slice is { start, stop }, a new axis is null"
  `);
  expect(call(index, x, undefined)).toContain("index: undefined is no index");
});
test("shapes and axes are lists", () => {
  expect(call(zeros, 3, 4)).toMatchInlineSnapshot(`
    "ArgumentError SIZE: zeros: the shape is not a list
      hint: give a list of sizes: zeros([3, 4])"
  `);
  expect(call(sum, x, { axis: 0 })).toMatchInlineSnapshot(`
    "ArgumentError AXES: sum: the axes are neither a number nor a list of numbers
      hint: sum(x, 0), sum(x, [0, 1]), sum(x, 0, { keepdims: true })"
  `);
});
test("dtypes are words, and there are four", () => {
  expect(call(zeros, [2], { dtype: "int32" })).toMatchInlineSnapshot(`
    "DTypeError DTYPE: constant: there is no dtype {"dtype":"int32"}
      hint: give one of "float64", "float32", "int32", "bool""
  `);
  expect(call(cast, x, "flaot64")).toMatchInlineSnapshot(`
    "DTypeError DTYPE: cast: there is no dtype "flaot64"
      hint: give one of "float64", "float32", "int32", "bool""
  `);
  expect(call(constant, [1], "int")).toContain('DTYPE: constant: there is no dtype "int"');
});
test("a scan is not a tensor", () => {
  expect(call(sum, { outputs: x })).toMatchInlineSnapshot(`
    "ArgumentError OPERAND: sum: argument 1 is not a tensor
      hint: of a scan, take a tensor of its .outputs or .final"
  `);
});
test("the result of a scan is no list", () => {
  const result: unknown = core.scan((row: core.Tensor) => row.mul(2), { sequences: x });
  expect(messageOf(() => [...(result as Iterable<unknown>)])).toMatchInlineSnapshot(`
    "ArgumentError SCAN_RESULT: the result of scan is a record, not a list
      hint: const { outputs, final, updates } = scan(...)"
  `);
});
