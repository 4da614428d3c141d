import { describe, expect, test } from "vitest";
import {
  binary,
  ifStatement,
  literal,
  load,
  readVar,
  scalarVar,
  unary,
} from "../../src/loop-ir/build.ts";
import { constantIndex, indexOf, indexVar, zeroIndex } from "../../src/loop-ir/index-expr.ts";
import type {
  Buffer,
  Expr,
  LoopFunction,
  MatrixView,
  PrefixPart,
  Program,
  Statement,
} from "../../src/loop-ir/types.ts";
import { validate } from "../../src/loop-ir/validate.ts";
import { constantSize, toSize } from "../../src/size/size.ts";
import { bufferMaker, programOf, size } from "./programs.ts";

const { all: buffers, make } = bufferMaker();
const x = make("x", "f32", 16);
const y = make("y", "f32", 16, "output");
const k = make("k", "i32", 16);
const c = make("c", "f32", 2, "constant", new Float32Array([1, 2]));
const stranger: Buffer = {
  id: 9,
  name: "stranger",
  type: "f32",
  size: constantSize(4),
  role: "input",
};

const one = literal("f32", 1);
const i = indexVar("i");
const s = scalarVar("s", "f32");
const store = (value: Expr, index = zeroIndex, buffer = y): Statement => ({
  kind: "store",
  buffer,
  index,
  value,
});
const loop = (
  body: readonly Statement[],
  parallel = false,
  extent: number | ReturnType<typeof size> = 16,
): Statement => ({ kind: "for", var: i, extent: toSize(extent), parallel, body });
const leftS = scalarVar("l", "f32");
const rightS = scalarVar("r", "f32");
/** Sums of x in y, with other parts of a part. */
const prefix = (parts: readonly Partial<PrefixPart>[]): Statement => ({
  kind: "prefix",
  index: i,
  extent: constantSize(16),
  parts: parts.map((part) => ({
    value: load(x, indexOf(i)),
    left: leftS,
    right: rightS,
    combined: binary("add", readVar(leftS), readVar(rightS)),
    into: [{ buffer: y, index: indexOf(i) }],
    ...part,
  })),
});
const letS: Statement = { kind: "let", var: s, value: one };
const assignS = (value: Expr = one): Statement => ({ kind: "assign", var: s, value });
const view = (buffer: Buffer, offset = zeroIndex): MatrixView => ({
  buffer,
  offset,
  rowStride: constantSize(4),
  colStride: constantSize(1),
});
type Matmul = Extract<Statement, { kind: "matmul" }>;
const matmul = (a: Buffer, b: Buffer, out: Buffer): Matmul => ({
  kind: "matmul",
  a: view(a),
  b: view(b),
  c: view(out),
  m: constantSize(2),
  n: constantSize(2),
  k: constantSize(2),
  accumulate: false,
});

describe("a valid program passes", () => {
  test.each<[string, readonly Statement[]]>([
    ["a loop that stores", [loop([store(load(x, indexOf(i)), indexOf(i))], true)]],
    [
      "variables in nested scopes",
      [letS, loop([assignS(binary("add", readVar(s), load(x, indexOf(i))))]), store(readVar(s))],
    ],
    ["one variable in two loops", [loop([letS]), loop([letS, store(readVar(s), indexOf(i))])]],
    [
      "a parallel loop that calls",
      [loop([{ kind: "call", func: storeAt, args: [indexOf(i)] }], true)],
    ],
    ["a parallel scatter by data", [loop([store(one, indexOf(load(k, indexOf(i))))], true)]],
    [
      "a shared value before and after a store",
      (() => {
        const value = unary("exp", load(x, zeroIndex));
        return [store(value), store(value, constantIndex(1))];
      })(),
    ],
  ])("%s", (_name, body) =>
    expect(() => validate(programOf(buffers, body, [storeAt]))).not.toThrow(),
  );
});

const p = indexVar("p");
const storeAt: LoopFunction = { name: "storeAt", params: [p], body: [store(one, indexOf(p))] };
const storeFixed: LoopFunction = { name: "storeFixed", params: [p], body: [store(one)] };

const shared = binary("mul", readVar(s), literal("f32", 2));

describe("faults", () => {
  test.each<[string, readonly Statement[]]>([
    ["buffer stranger is not in the program", [store(load(stranger, zeroIndex))]],
    ["buffer stranger is not in the program", [store(one, zeroIndex, stranger)]],
    ["buffer y of type f32 gets a value of type i32", [store(literal("i32", 1))]],
    ["constant c is written", [store(one, zeroIndex, c)]],
    ["variable s is out of scope", [store(readVar(s))]],
    ["variable s is out of scope", [loop([letS]), store(readVar(s))]],
    ["variable s is out of scope", [assignS()]],
    ["variable s is declared twice", [letS, loop([letS])]],
    ["variable i is declared twice", [loop([loop([])])]],
    ["variable i is out of scope", [store(one, indexOf(i))]],
    ["variable i is out of scope", [store(load(x, indexOf(i)))]],
    ["s of type f32 gets a value of type f64", [letS, assignS(literal("f64", 1))]],
    [
      "add of type i32 gets a value of type f32",
      [store({ kind: "binary", type: "f32", op: "add", x: literal("i32", 1), y: one })],
    ],
    ["sqrt of i32", [store({ kind: "unary", type: "f32", op: "sqrt", x: literal("i32", 1) })]],
    [
      "select of type bool gets a value of type f32",
      [store({ kind: "select", type: "f32", cond: one, x: one, y: one })],
    ],
    [
      "an index of type f32",
      [store(one, { terms: [{ coef: constantSize(1), of: one }], offset: constantSize(0) })],
    ],
    [
      "if of type bool gets a value of type f32",
      [{ ...ifStatement(literal("bool", 1), []), cond: one } as Statement],
    ],
    ["a failure with code 0", [{ kind: "fail", cond: literal("bool", 0), code: 0 }]],
    [
      "reduce by and of f32",
      [
        {
          kind: "reduce",
          var: s,
          index: i,
          extent: constantSize(2),
          op: "and",
          order: "lanes",
          value: one,
        },
      ],
    ],
    ["used on both sides of an assignment", [letS, store(shared), assignS(), store(shared)]],
    [
      "used on both sides of an assignment",
      [letS, store(shared), loop([store(shared), assignS()])],
    ],
    ["calls storeAt with 0 arguments for 1", [{ kind: "call", func: storeAt, args: [] }]],
    [
      "calls other, which is not listed",
      [{ kind: "call", func: { name: "other", params: [], body: [] }, args: [] }],
    ],
    ["parallel loop i: stores y at the same place", [loop([store(one)], true)]],
    [
      "parallel loop i: function storeFixed stores y at",
      [loop([{ kind: "call", func: storeFixed, args: [indexOf(i)] }], true)],
    ],
    [
      "parallel loop i: function storeAt stores y at",
      [loop([{ kind: "call", func: storeAt, args: [zeroIndex] }], true)],
    ],
    ["parallel loop i: assigns s, which lives outside", [letS, loop([assignS()], true)]],
    [
      "parallel loop i: packs into y",
      [loop([{ kind: "pack", b: view(x), into: y, n: constantSize(1), k: constantSize(1) }], true)],
    ],
    ["parallel loop i: writes a product to y", [loop([matmul(x, x, y)], true)]],
    [
      "parallel loop i: copies to y",
      [
        loop(
          [
            {
              kind: "copy",
              from: x,
              fromOffset: indexOf(i),
              to: y,
              toOffset: zeroIndex,
              size: constantSize(1),
            },
          ],
          true,
        ),
      ],
    ],
    ["a prefix without parts", [prefix([])]],
    ["l of type f32 gets a value of type i32", [prefix([{ value: load(k, indexOf(i)) }])]],
    ["l of type f32 gets a value of type i32", [prefix([{ combined: literal("i32", 1) }])]],
    ["l and r differ in type", [prefix([{ right: scalarVar("r", "i32"), combined: one }])]],
    ["variable l is out of scope", [prefix([{ value: readVar(leftS) }])]],
    ["variable i is out of scope", [prefix([{ combined: load(x, indexOf(i)) }])]],
    ["variable s is out of scope", [prefix([{ combined: readVar(s) }])]],
    ["variable l is declared twice", [prefix([{}, {}])]],
    ["constant c is written", [prefix([{ into: [{ buffer: c, index: zeroIndex }] }])]],
    [
      "buffer k of type i32 gets a value of type f32",
      [prefix([{ into: [{ buffer: k, index: indexOf(i) }] }])],
    ],
    [
      "parallel loop j: stores y at the same place",
      [
        {
          kind: "for",
          var: indexVar("j"),
          extent: constantSize(3),
          parallel: true,
          body: [prefix([{}])],
        },
      ],
    ],
    ["matmul of f32 x, i32 k, f32 y", [matmul(x, k, y)]],
    ["matmul of i32 k, i32 k, i32 k", [matmul(k, k, k)]],
    ["matmul of f32 x, i32 k", [{ ...matmul(x, x, x), scratch: k }]],
    ["constant c is written", [{ ...matmul(x, x, x), scratch: c }]],
    ["scratch x holds an operand or the result", [{ ...matmul(x, y, y), scratch: x }]],
    ["scratch x holds an operand or the result", [{ ...matmul(y, x, y), scratch: x }]],
    ["scratch x holds an operand or the result", [{ ...matmul(y, y, x), scratch: x }]],
    ["scratch y of 16 for 30720", [{ ...matmul(x, x, x), m: size("M"), k: size("K"), scratch: y }]],
    [
      "parallel loop i: copies to y, the same place in every iteration",
      [loop([{ ...matmul(x, x, x), c: view(x, indexOf(i)), scratch: y }], true)],
    ],
    [
      "pack of f32 x, i32 k",
      [{ kind: "pack", b: view(x), into: k, n: constantSize(1), k: constantSize(1) }],
    ],
    [
      "panels of 4 by 9 do not fit y of 16",
      [{ kind: "pack", b: view(x), into: y, n: constantSize(9), k: constantSize(4) }],
    ],
    [
      "copy of i32 k to f32 y",
      [
        {
          kind: "copy",
          from: k,
          fromOffset: zeroIndex,
          to: y,
          toOffset: zeroIndex,
          size: constantSize(1),
        },
      ],
    ],
  ])("%s (%#)", (message, body) =>
    expect(() => validate(programOf(buffers, body, [storeAt, storeFixed]))).toThrow(message),
  );

  const program = programOf(buffers, [loop([], false, size("T"))]);
  test.each<[string, Program]>([
    ["size T is used and not listed", { ...program, sizes: [] }],
    ["buffer y has id 1 at place 0", { ...program, buffers: [y, x] }],
    [
      "constant c has 2 elements for size 3",
      { ...program, buffers: [...buffers.slice(0, 3), { ...c, size: constantSize(3) }] },
    ],
    [
      "constant c has no data of type f64",
      { ...program, buffers: [...buffers.slice(0, 3), { ...c, type: "f64" }] },
    ],
    ["a panel of 0 columns for f32", { ...program, panelWidth: { f32: 0, f64: 2 } }],
    [
      "entry main takes parameters",
      { ...program, entries: [{ name: "main", params: [i], body: [] }] },
    ],
    [
      "two functions are named main",
      { ...program, functions: [{ name: "main", params: [], body: [] }] },
    ],
  ])("%s", (message, faulty) => expect(() => validate(faulty)).toThrow(message));

  test("a function that calls itself", () => {
    const body: Statement[] = [];
    const loopy: LoopFunction = { name: "loopy", params: [], body };
    body.push({ kind: "call", func: loopy, args: [] });
    expect(() => validate({ ...program, entries: [], functions: [loopy] })).toThrow(
      "function loopy calls itself",
    );
  });
});
