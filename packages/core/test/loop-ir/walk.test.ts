import { describe, expect, test } from "vitest";
import { binary, literal, load, readVar, scalarVar, unary } from "../../src/loop-ir/build.ts";
import { addIndexes, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import type { Buffer, Expr } from "../../src/loop-ir/types.ts";
import { indexOperands, postOrder } from "../../src/loop-ir/walk.ts";
import { constantSize } from "../../src/size/size.ts";

const x: Buffer = { id: 0, name: "x", type: "f32", size: constantSize(8), role: "input" };
const place = readVar(scalarVar("place", "i32"));
const other = readVar(scalarVar("other", "i32"));
const gathered = load(x, addIndexes(indexOf(place), indexOf(indexVar("i")), indexOf(other)));
const twice = binary("mul", gathered, gathered);
const root = binary("add", unary("neg", twice), twice);

test("an index holds the expressions among its terms, in order", () => {
  expect(indexOperands(addIndexes(indexOf(place), indexOf(indexVar("i")), indexOf(other)))).toEqual(
    [place, other],
  );
  expect(indexOperands(indexOf(indexVar("i")))).toEqual([]);
});

describe("post-order", () => {
  test("operands come first, each object once", () => {
    const order = postOrder([root, twice]);
    expect(order).toEqual([place, other, gathered, twice, unary("neg", twice), root]);
    expect(new Set(order).size).toBe(order.length);
  });

  test("what is known, and what is only under it, is left out", () => {
    expect(postOrder([root], new Set([twice]))).toEqual([unary("neg", twice), root]);
    expect(postOrder([root], new Set([gathered, root]))).toEqual([]);
    expect(postOrder([binary("add", gathered, root)], new Set([twice])).includes(place)).toBe(true);
  });

  test("depth costs no stack", () => {
    let deep: Expr = literal("f32", 1);
    for (let i = 0; i < 100_000; i++) deep = unary("neg", deep);
    expect(postOrder([deep])).toHaveLength(100_001);
  });
});
