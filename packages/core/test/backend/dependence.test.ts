/** How often expressions are used decides what is kept in a local. */
import { expect, test } from "vitest";
import { countUses } from "../../src/backend/wasm/dependence.ts";
import { binary, load, scalarVar, unary } from "../../src/loop-ir/build.ts";
import { constantIndex } from "../../src/loop-ir/index-expr.ts";
import type { Buffer, Expr, Statement } from "../../src/loop-ir/types.ts";
import { constantSize } from "../../src/size/size.ts";

const x: Buffer = { id: 0, name: "x", type: "f32", size: constantSize(8), role: "input" };
const at = load(x, constantIndex(0));
const root = unary("sqrt", at);
const keep = (value: Expr): Statement => ({ kind: "let", var: scalarVar("v", "f32"), value });

test.each<{ name: string; body: readonly Statement[]; uses: readonly [number, number] }>([
  {
    name: "statements that share an expression use it once each, and what is only under it once in all",
    body: [keep(root), keep(root), keep(root)],
    uses: [3, 1],
  },
  {
    name: "expressions that share an operand use it once each",
    body: [keep(unary("neg", root)), keep(unary("exp", root))],
    uses: [2, 1],
  },
  {
    name: "an operand on both sides is two uses",
    body: [keep(binary("mul", root, root))],
    uses: [2, 1],
  },
  { name: "statements and expressions both use", body: [keep(at), keep(root)], uses: [1, 2] },
])("$name", ({ body, uses }) => {
  const counted = countUses(body);
  expect([counted.get(root), counted.get(at)]).toEqual(uses);
});
