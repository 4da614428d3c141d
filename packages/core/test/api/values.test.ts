/** Inputs, shared variables and the values they take. */
import { describe, expect, test } from "vitest";
import { evaluate, matrix, NDArray, scalar, shared, tensor, vector } from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

describe("inputs", () => {
  test("name their sizes after themselves", () => {
    expect(matrix("x").shape.map(String)).toEqual(["x.shape[0]", "x.shape[1]"]);
    expect(tensor("y", { shape: ["T", null, 7], dtype: "int32" }).shape.map(String)).toEqual([
      "T",
      "y.shape[1]",
      "7",
    ]);
  });
  test("of one name are different inputs with different sizes", () => {
    const keys = [vector("x"), vector("x")].map((x) => x.shape[0]?.key);
    expect(keys[0]).not.toBe(keys[1]);
  });
  test("agree in sizes of one name, also at the call", () => {
    const sum = tensor("a", { shape: ["T"] }).add(tensor("b", { shape: ["T"] }));
    expect(messageOf(() => evaluate(sum, { a: [1], b: [1, 2] }))).toMatchInlineSnapshot(`
      "ShapeError INPUT_SIZE: size T is 1 in axis 0 of "a" and 2 in axis 0 of "b"
        hint: inputs that name the same size must agree in it"
    `);
  });
  test("refuse nonsense", () => {
    expect(messageOf(() => scalar(""))).toMatchInlineSnapshot(`
      "ArgumentError TENSOR_NAME: an input needs a name, got ""
        hint: name it as in the call: matrix("x") is given as { x: ... }"
    `);
    expect(messageOf(() => tensor("x", { shape: [-1] }))).toMatchInlineSnapshot(`
      "ArgumentError SIZE: "x": -1 is not the size of axis 0
        hint: give an integer >= 0, a name, or null"
    `);
    expect(messageOf(() => vector("x", { dtype: "int64" as "int32" }))).toMatchInlineSnapshot(`
      "ArgumentError DTYPE: "x": there is no dtype "int64"
        hint: the dtypes are float32, float64, int32 and bool"
    `);
  });
});

describe("values", () => {
  const x = matrix("x");
  const ids = vector("ids", { dtype: "int32" });
  test("may be nested, typed with a shape, or arrays; an empty list takes the sizes that are known", () => {
    const twice = x.mul(2);
    for (const value of [
      [[1, 2]],
      { data: new Float32Array([1, 2]), shape: [1, 2] },
      new NDArray("float32", [1, 2], new Float32Array([1, 2])),
    ])
      expect(evaluate(twice, { x: value }).toArray()).toEqual([[2, 4]]);
    expect(evaluate(tensor("e", { shape: ["T", 3] }), { e: [] }).shape).toEqual([0, 3]);
  });
  test("must fit the dtype", () => {
    expect(messageOf(() => evaluate(x, { x: { data: new Float64Array(1), shape: [1, 1] } })))
      .toMatchInlineSnapshot(`
      "DTypeError INPUT_DTYPE: input "x" is float32, the array given is float64
        hint: convert it yourself (precision may be lost), or declare the input with { dtype: "float64" }"
    `);
    expect(messageOf(() => evaluate(ids, { ids: [0.5] }))).toMatchInlineSnapshot(`
      "DTypeError INPUT_DTYPE: input "ids" is int32 and cannot hold 0.5
        hint: give integers, or declare the input as float32"
    `);
    expect(messageOf(() => evaluate(ids, { ids: [2 ** 31] }))).toMatchInlineSnapshot(`
      "DTypeError INPUT_DTYPE: input "ids" is int32 and cannot hold 2147483648
        hint: give integers, or declare the input as float32"
    `);
    expect(messageOf(() => evaluate(vector("m", { dtype: "bool" }), { m: [2] })))
      .toMatchInlineSnapshot(`
      "DTypeError INPUT_DTYPE: input "m" is bool and cannot hold 2
        hint: give true, false, 0 or 1"
    `);
  });
  test("must fit the shape", () => {
    expect(messageOf(() => evaluate(x, { x: [1, 2] }))).toMatchInlineSnapshot(`
      "ShapeError INPUT_RANK: "x" has 2 axes, the value given has shape [2]
        hint: give an array of shape [x.shape[0], x.shape[1]]"
    `);
    expect(messageOf(() => evaluate(x, { x: [[1, 2], [3]] }))).toMatchInlineSnapshot(`
      "ShapeError RAGGED: input "x": nested arrays must be rectangular: entry 0 has shape [2], entry 1 has [1]
        hint: pad the rows and pass lengths, or pass them one at a time"
    `);
    expect(
      messageOf(() => evaluate(tensor("y", { shape: [2] }), { y: [1] })),
    ).toMatchInlineSnapshot(
      `"ShapeError INPUT_SIZE: axis 0 of "y" has size 2, the value given has shape [1]"`,
    );
  });
  test("must be values", () => {
    expect(messageOf(() => evaluate(x, { x: new Float32Array(2) as unknown as number[] })))
      .toMatchInlineSnapshot(`
      "ArgumentError INPUT_VALUE: input "x" cannot take a Float32Array without a shape
        hint: give nested arrays of numbers, a number, { data: typed array, shape }, or an NDArray"
    `);
    expect(messageOf(() => evaluate(x, { x: ["1"] as unknown as number[] })))
      .toMatchInlineSnapshot(`
      "ArgumentError INPUT_VALUE: input "x" cannot take a list that holds something else than numbers
        hint: give nested arrays of numbers, a number, { data: typed array, shape }, or an NDArray"
    `);
    expect(messageOf(() => evaluate(x, { x: null as unknown as number }))).toMatchInlineSnapshot(`
      "ArgumentError INPUT_VALUE: input "x" cannot take null
        hint: give nested arrays of numbers, a number, { data: typed array, shape }, or an NDArray"
    `);
  });
});

describe("a shared variable", () => {
  test("keeps a copy of its value, dtype and shape", () => {
    const given = new NDArray("float64", [2], new Float64Array([1, 2]));
    const W = shared(given, { name: "W" });
    given.data[0] = 9;
    W.get().data[1] = 9;
    expect([W.dtype, W.get().toArray()]).toEqual(["float64", [1, 2]]);
    W.set([3, 4]);
    expect(evaluate(W.mul(2)).toArray()).toEqual([6, 8]);
  });
  test("refuses other shapes and dtypes", () => {
    const W = shared([[1, 2]], { name: "W" });
    expect(messageOf(() => W.set([1, 2]))).toMatchInlineSnapshot(`
      "ShapeError SHARED_SHAPE: shared variable "W" has shape [1, 2], the value given has [2]
        hint: a shared variable keeps its shape; make another one for another shape"
    `);
    expect(
      messageOf(() => W.set({ data: new Int32Array(2), shape: [1, 2] } as unknown as number[])),
    ).toMatchInlineSnapshot(`
      "DTypeError INPUT_DTYPE: shared variable "W" is float32, the array given is int32
        hint: give float32 data, or declare the input with { dtype: "int32" }"
    `);
    expect(messageOf(() => shared([1.5], { name: "n", dtype: "int32" }))).toMatchInlineSnapshot(`
      "DTypeError INPUT_DTYPE: shared variable "n" is int32 and cannot hold 1.5
        hint: give integers, or declare the input as float32"
    `);
  });
});
