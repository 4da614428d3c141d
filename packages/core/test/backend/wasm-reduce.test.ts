import { describe, it } from "vitest";
import {
  binary,
  compare,
  convert,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
} from "../../src/loop-ir/build.ts";
import { addIndexes, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import type {
  Expr,
  Index,
  ReduceOp,
  ReduceOrder,
  ScalarType,
  Statement,
} from "../../src/loop-ir/types.ts";
import { constantSize, type Size } from "../../src/size/size.ts";
import { contentsOf, expectSame, numbers, ProgramBuilder, symbol } from "./wasm-harness.ts";

interface Case {
  readonly op: ReduceOp;
  readonly type: ScalarType;
  readonly order: ReduceOrder;
}

const orders: readonly ReduceOrder[] = ["lanes", "blocks"];
const cases: readonly Case[] = orders.flatMap((order) => [
  ...(["add", "mul", "min", "max"] as const).flatMap((op) =>
    (["f32", "f64", "i32"] as const).map((type) => ({ op, type, order })),
  ),
  ...(["and", "or"] as const).map((op) => ({ op, type: "bool" as const, order })),
]);

/** y[i] = the fold of row i of x, or of column i when `across`. */
function folds(
  c: Case,
  rows: number,
  extent: Size,
  length: number,
  across: boolean,
  value: (e: Expr, k: Index) => Expr = (e) => e,
) {
  const p = new ProgramBuilder();
  const [x, y] = [p.buffer(c.type, rows * length), p.buffer(c.type, rows)];
  const [i, k, v] = [indexVar("i"), indexVar("k"), scalarVar("total", c.type)];
  const at = across
    ? addIndexes(indexOf(k, rows), indexOf(i))
    : addIndexes(indexOf(i, length), indexOf(k));
  const body: Statement[] = [
    {
      kind: "reduce",
      var: v,
      index: k,
      extent,
      op: c.op,
      order: c.order,
      value: value(load(x, at), indexOf(k)),
    },
    { kind: "store", buffer: y, index: indexOf(i), value: readVar(v) },
  ];
  const program = p.build([
    { kind: "for", var: i, extent: constantSize(rows), parallel: true, body },
  ]);
  const next = numbers(length + 1);
  const element = (): number =>
    c.type === "bool"
      ? next() < 0.9
        ? 1
        : 0
      : c.type === "i32"
        ? Math.floor((next() - 0.5) * 4e9)
        : (next() - 0.5) * 4;
  expectSame(program, { n: length }, [
    contentsOf(x, rows * length, element),
    contentsOf(y, rows, () => 0),
  ]);
}

describe("folds", () => {
  for (const c of cases) {
    it(`${c.op} of ${c.type} in ${c.order}, every length`, () => {
      for (let length = 0; length <= 40; length++) {
        folds(c, 3, constantSize(length), length, false);
        folds(c, 5, symbol("n"), length, true);
      }
      for (const length of [255, 256, 257, 513])
        for (const across of [false, true]) folds(c, 6, symbol("n"), length, across);
    });
  }

  it("of types that differ from what is read", () => {
    for (let length = 0; length <= 35; length++) {
      for (const across of [false, true]) {
        folds({ op: "add", type: "f32", order: "lanes" }, 3, symbol("n"), length, across, (e, k) =>
          convert("f32", binary("mul", convert("f64", e), convert("f64", positionOf(k)))),
        );
        folds(
          { op: "add", type: "f32", order: "blocks" },
          3,
          constantSize(length),
          length,
          across,
          (e) => convert("f32", convert("f64", e)),
        );
        folds({ op: "max", type: "i32", order: "lanes" }, 3, symbol("n"), length, across, (e) =>
          convert("i32", convert("f64", e)),
        );
        folds({ op: "or", type: "bool", order: "lanes" }, 3, symbol("n"), length, across, (e) =>
          compare("lt", convert("f64", e), literal("f64", 0.5)),
        );
      }
    }
  });

  it("pass NaN and signed zeros on as the definition does", () => {
    for (const order of orders) {
      for (const op of ["add", "mul", "min", "max"] as const) {
        for (let length = 0; length <= 20; length++) {
          const p = new ProgramBuilder();
          const [x, y] = [p.buffer("f32", length), p.buffer("f32", 1)];
          const [k, v] = [indexVar("k"), scalarVar("total", "f32")];
          const program = p.build([
            {
              kind: "reduce",
              var: v,
              index: k,
              extent: constantSize(length),
              op,
              order,
              value: load(x, indexOf(k)),
            },
            {
              kind: "store",
              buffer: y,
              index: { terms: [], offset: constantSize(0) },
              value: readVar(v),
            },
          ]);
          for (const special of [-0, NaN, Infinity])
            expectSame(program, {}, [
              contentsOf(x, length, (i) => (i === length - 1 ? special : -0)),
              contentsOf(y, 1, () => 0),
            ]);
        }
      }
    }
  });

  it("softmax of rows: folds and loops over the same row", () => {
    for (const columns of [1, 2, 7, 16, 50]) {
      const p = new ProgramBuilder();
      const [n, rows] = [symbol("n"), 4];
      const [x, y] = [p.buffer("f32", rows * columns), p.buffer("f32", rows * columns)];
      const [i, j, k, m] = [indexVar("i"), indexVar("j"), indexVar("k"), indexVar("m")];
      const [most, sum] = [scalarVar("most", "f32"), scalarVar("sum", "f32")];
      const at = (column: Index): Index =>
        addIndexes({ terms: [{ of: i, coef: n }], offset: constantSize(0) }, column);
      const power = (column: Index): Expr => ({
        kind: "unary",
        type: "f32",
        op: "exp",
        x: binary("sub", load(x, at(column)), readVar(most)),
      });
      const program = p.build([
        {
          kind: "for",
          var: i,
          extent: constantSize(rows),
          parallel: true,
          body: [
            {
              kind: "reduce",
              var: most,
              index: j,
              extent: n,
              op: "max",
              order: "lanes",
              value: load(x, at(indexOf(j))),
            },
            {
              kind: "reduce",
              var: sum,
              index: k,
              extent: n,
              op: "add",
              order: "lanes",
              value: power(indexOf(k)),
            },
            {
              kind: "for",
              var: m,
              extent: n,
              parallel: true,
              body: [
                {
                  kind: "store",
                  buffer: y,
                  index: at(indexOf(m)),
                  value: binary("div", power(indexOf(m)), readVar(sum)),
                },
              ],
            },
          ],
        },
      ]);
      const next = numbers(columns);
      expectSame(program, { n: columns }, [
        contentsOf(x, rows * columns, () => next() * 10 - 5),
        contentsOf(y, rows * columns, () => 0),
      ]);
    }
  });
});
