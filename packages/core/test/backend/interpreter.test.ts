import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import {
  binary,
  compare,
  convert,
  ifStatement,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
} from "../../src/loop-ir/build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  indexVar,
  scaleIndex,
  zeroIndex,
} from "../../src/loop-ir/index-expr.ts";
import type { Buffer, Expr, LoopFunction, Statement } from "../../src/loop-ir/types.ts";
import { constantSize, mulSizes, type Size } from "../../src/size/size.ts";
import { bufferMaker, programOf, size } from "../loop-ir/programs.ts";

type Memory = Float32Array | Float64Array | Int32Array;
const none = new Map<string, number>();

describe("programs", () => {
  const { all, make } = bufferMaker();
  const n: Size = size("n");
  const [x, y] = [make("x", "f32", n), make("y", "f32", n, "output")];
  const i = indexVar("i");
  const each = (body: readonly Statement[], extent: Size = n): Statement => ({
    kind: "for",
    var: i,
    extent,
    parallel: false,
    body,
  });
  const storeY = (value: Expr, index = indexOf(i)): Statement => ({
    kind: "store",
    buffer: y,
    index,
    value,
  });
  const runOn = (
    values: readonly number[],
    body: readonly Statement[],
    functions: readonly LoopFunction[] = [],
  ): { readonly out: number[]; readonly status: number } => {
    const out = new Float32Array(values.length);
    const status = interpret(
      programOf(all, body, functions),
      {
        sizes: new Map([["n", values.length]]),
        buffers: new Map([
          [x, Float32Array.from(values)],
          [y, out],
        ]),
      },
      "main",
    );
    return { out: [...out], status };
  };

  test("one compiled program serves every size", () => {
    const program = programOf(all, [
      each([
        storeY(binary("add", load(x, indexOf(i)), convert("f32", positionOf(indexOf(i, 10))))),
      ]),
    ]);
    for (const count of [0, 3, 5]) {
      const out = new Float32Array(count);
      interpret(
        program,
        {
          sizes: new Map([["n", count]]),
          buffers: new Map([
            [x, new Float32Array(count).fill(1)],
            [y, out],
          ]),
        },
        "main",
      );
      expect([...out]).toEqual(Array.from({ length: count }, (_, p) => 1 + 10 * p));
    }
  });
  test("locals carry values through loops", () => {
    const s = scalarVar("s", "f32");
    const body: Statement[] = [
      { kind: "let", var: s, value: literal("f32", 0) },
      each([
        { kind: "assign", var: s, value: binary("add", readVar(s), load(x, indexOf(i))) },
        storeY(readVar(s)),
      ]),
    ];
    expect(runOn([1, 2, 3], body).out).toEqual([1, 3, 6]);
  });
  test("an expression object is computed once in its block, whatever is stored between", () => {
    const first = load(x, zeroIndex);
    const inPlace: Statement[] = [
      {
        kind: "store",
        buffer: x,
        index: zeroIndex,
        value: binary("add", first, literal("f32", 1)),
      },
      storeY(first, zeroIndex),
      storeY(load(x, zeroIndex), constantIndex(1)),
    ];
    expect(runOn([5, 0], inPlace).out).toEqual([5, 6]);
  });
  test("conditions, calls and gathers", () => {
    const p = indexVar("p");
    const double: LoopFunction = {
      name: "double",
      params: [p],
      body: [
        {
          kind: "store",
          buffer: y,
          index: indexOf(p),
          value: binary("mul", load(x, indexOf(p)), literal("f32", 2)),
        },
      ],
    };
    const body: Statement[] = [
      each([
        { kind: "call", func: double, args: [indexOf(i)] },
        ifStatement(compare("lt", load(x, indexOf(i)), literal("f32", 2)), [
          storeY(load(x, indexOf(convert("i32", load(x, indexOf(i)))))),
        ]),
      ]),
    ];
    expect(runOn([1, 0, 3], body, [double]).out).toEqual([0, 1, 6]);
  });
  test("the first failure is recorded and the call goes on", () => {
    const tooBig = compare("lt", literal("f32", 2), load(x, indexOf(i)));
    const body: Statement[] = [
      each([
        { kind: "fail", cond: tooBig, code: 5 },
        { kind: "fail", cond: tooBig, code: 6 },
        storeY(literal("f32", 1)),
      ]),
    ];
    expect(runOn([1, 3, 9], body)).toEqual({ out: [1, 1, 1], status: 5 });
    expect(runOn([1], body).status).toBe(0);
  });
  test("copies", () =>
    expect(
      runOn(
        [1, 2, 3],
        [
          {
            kind: "copy",
            from: x,
            fromOffset: constantIndex(1),
            to: y,
            toOffset: zeroIndex,
            size: constantSize(2),
          },
        ],
      ).out,
    ).toEqual([2, 3, 0]));
  test.each<[string, readonly Statement[]]>([
    [
      "load of x[3] is outside its 3 elements",
      [each([storeY(load(x, addIndexes(indexOf(i), constantIndex(1))))])],
    ],
    [
      "load of x[-1] is outside its 3 elements",
      [each([storeY(load(x, addIndexes(indexOf(i), constantIndex(-1))))])],
    ],
    [
      "store to y[4] is outside its 3 elements",
      [each([storeY(literal("f32", 1), scaleIndex(indexOf(i), 2))])],
    ],
    [
      "load of x[7] is outside",
      [storeY(select(literal("bool", 1), literal("f32", 1), load(x, constantIndex(7))), zeroIndex)],
    ],
    [
      "matrix element y[3] is outside",
      [
        {
          kind: "copy",
          from: x,
          fromOffset: zeroIndex,
          to: y,
          toOffset: constantIndex(1),
          size: n,
        },
      ],
    ],
  ])("%s", (message, body) => expect(() => runOn([1, 2, 3], body)).toThrow(message));

  test("constants hold their data, and temporaries begin as NaN", () => {
    const own = bufferMaker();
    const [c, t, out] = [
      own.make("c", "i32", 2, "constant", Int32Array.of(4, 5)),
      own.make("t", "f64", mulSizes(n, 2), "temporary"),
      own.make("out", "f64", 2, "output"),
    ];
    const body: Statement[] = [
      {
        kind: "store",
        buffer: out,
        index: zeroIndex,
        value: convert("f64", load(c, constantIndex(1))),
      },
      { kind: "store", buffer: out, index: constantIndex(1), value: load(t, constantIndex(5)) },
    ];
    const memory = new Float64Array(2);
    interpret(
      programOf(own.all, body),
      { sizes: new Map([["n", 3]]), buffers: new Map([[out, memory]]) },
      "main",
    );
    expect([...memory]).toEqual([5, NaN]);
  });
  test("what a call lacks is named", () => {
    const program = programOf(all, []);
    const given = {
      sizes: new Map([["n", 2]]),
      buffers: new Map<Buffer, Memory>([
        [x, new Float32Array(2)],
        [y, new Float32Array(2)],
      ]),
    };
    expect(() => interpret(program, given, "other")).toThrow("program test has no entry other");
    expect(() => interpret(program, { ...given, sizes: none }, "main")).toThrow(
      "no value for size n",
    );
    expect(() =>
      interpret(program, { ...given, buffers: new Map([[x, new Float32Array(2)]]) }, "main"),
    ).toThrow("no contents for buffer y");
    expect(() =>
      interpret(
        program,
        { ...given, buffers: new Map<Buffer, Memory>([[x, new Float64Array(2)]]) },
        "main",
      ),
    ).toThrow("buffer x of f32 holds another type");
    expect(() =>
      interpret(program, { ...given, buffers: new Map([[x, new Float32Array(1)]]) }, "main"),
    ).toThrow("buffer x holds 1 of 2 elements");
  });
});
