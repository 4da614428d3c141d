import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import { load, readVar, scalarVar } from "../../src/loop-ir/build.ts";
import { indexOf, indexVar, zeroIndex } from "../../src/loop-ir/index-expr.ts";
import type { ReduceOp, ReduceOrder, ScalarType } from "../../src/loop-ir/types.ts";
import { bufferMaker, programOf, size } from "../loop-ir/programs.ts";

type Memory = Float32Array | Float64Array | Int32Array;

function memoryOf(type: ScalarType, values: readonly number[]): Memory {
  return type === "f32"
    ? Float32Array.from(values)
    : type === "f64"
      ? Float64Array.from(values)
      : Int32Array.from(values);
}

const high = 2147483647;
const low = -2147483648;

describe("folds", () => {
  const fold = (
    type: "f32" | "f64" | "i32",
    values: readonly number[],
    op: ReduceOp,
    order: ReduceOrder,
  ): number => {
    const { all, make } = bufferMaker();
    const n = size("n");
    const [x, out] = [make("x", type, n), make("out", type, 1, "output")];
    const [i, v] = [indexVar("i"), scalarVar("v", type)];
    const program = programOf(all, [
      { kind: "reduce", var: v, index: i, extent: n, op, order, value: load(x, indexOf(i)) },
      { kind: "store", buffer: out, index: zeroIndex, value: readVar(v) },
    ]);
    const result = memoryOf(type, [0]);
    interpret(
      program,
      {
        sizes: new Map([["n", values.length]]),
        buffers: new Map([
          [x, memoryOf(type, values)],
          [out, result],
        ]),
      },
      "main",
    );
    return result[0] ?? NaN;
  };
  const noise = (n: number): number[] =>
    Array.from({ length: n }, (_, i) => Math.fround(((i * 7919) % 1000) / 7 - 60));
  const round = Math.fround;

  test.each([0, 1, 15, 16, 17, 300])("sixteen lanes fold in a tree, n = %d", (n) => {
    const lanes = new Float32Array(16);
    noise(n).forEach((x, i) => (lanes[i % 16] = round((lanes[i % 16] ?? 0) + x)));
    const l = (i: number): number => lanes[i] ?? 0;
    const eight = Array.from({ length: 8 }, (_, j) => round(l(j) + l(j + 8)));
    const e = (i: number): number => eight[i] ?? 0;
    const four = [0, 1, 2, 3].map((j) => round(e(j) + e(j + 4)));
    const f = (i: number): number => four[i] ?? 0;
    expect(fold("f32", noise(n), "add", "lanes")).toBe(
      round(round(f(0) + f(2)) + round(f(1) + f(3))),
    );
  });
  test.each([0, 1, 255, 256, 257, 700])("blocks of 256 fold in order, n = %d", (n) => {
    let total = 0;
    for (let from = 0; from < n; from += 256)
      total = round(
        total +
          noise(n)
            .slice(from, from + 256)
            .reduce((sum, x) => round(sum + x), 0),
      );
    expect(fold("f32", noise(n), "add", "blocks")).toBe(total);
  });
  test("extremes, products and wrapping sums", () => {
    expect(fold("f64", [], "max", "lanes")).toBe(-Infinity);
    expect(fold("i32", [], "min", "lanes")).toBe(high);
    expect(fold("f64", [3, NaN, 4], "max", "blocks")).toBe(NaN);
    expect(fold("f64", [3, 5, 0.5], "mul", "lanes")).toBe(7.5);
    expect(fold("i32", [high, 1], "add", "lanes")).toBe(low);
    expect(fold("f32", [-0, -0], "add", "lanes")).toBe(0);
  });
});
