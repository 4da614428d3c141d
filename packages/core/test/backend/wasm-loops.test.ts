import { describe, expect, it } from "vitest";
import { emitWasm } from "../../src/backend/wasm/emit.ts";
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
  unary,
} from "../../src/loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import { portableTarget } from "../../src/loop-ir/legalize.ts";
import type { Index, Statement } from "../../src/loop-ir/types.ts";
import { constantSize, type Size, subSizes } from "../../src/size/size.ts";
import {
  contentsOf,
  expectSame,
  forLoop,
  numbers,
  ProgramBuilder,
  symbol,
} from "./wasm-harness.ts";

describe("loops", () => {
  it("all tails", () => {
    for (const type of ["f32", "f64"] as const) {
      for (let n = 0; n < 20; n++) {
        for (const extent of [constantSize(n), symbol("n")]) {
          const p = new ProgramBuilder();
          const [x, y, z] = [p.buffer(type, n), p.buffer("f32", n), p.buffer(type, n)];
          const body = (i: Index): Statement[] => [
            {
              kind: "store",
              buffer: z,
              index: i,
              value: binary(
                "add",
                load(x, i),
                binary("mul", convert(type, load(y, i)), convert(type, positionOf(i))),
              ),
            },
          ];
          const next = numbers(n);
          expectSame(p.build([forLoop(extent, body)]), { n }, [
            contentsOf(x, n, next),
            contentsOf(y, n, next),
            contentsOf(z, n, next),
          ]);
        }
      }
    }
  });

  it("reads and writes backwards, in lanes of every width", () => {
    const types = ["f32", "f64", "i32", "bool"] as const;
    for (const type of types)
      for (const wide of ["f32", "f64"] as const)
        for (let n = 0; n < 11; n++) {
          const p = new ProgramBuilder();
          const length = symbol("n");
          const [x, y, z, s] = [type, type, type, wide].map((t) => p.buffer(t, n));
          if (x === undefined || y === undefined || z === undefined || s === undefined) return;
          const back = (i: Index): Index =>
            addIndexes(
              { ...i, terms: i.terms.map((term) => ({ ...term, coef: constantSize(-1) })) },
              constantIndex(subSizes(length, 1)),
            );
          const next = numbers(n);
          const program = p.build([
            forLoop(length, (i) => [
              { kind: "store", buffer: y, index: i, value: load(x, back(i)) },
              { kind: "store", buffer: z, index: back(i), value: load(x, i) },
              { kind: "store", buffer: s, index: back(i), value: convert(wide, load(x, back(i))) },
            ]),
          ]);
          const fill = (): number =>
            type === "bool" ? Number(next() < 0.5) : Math.floor((next() - 0.5) * 1e6);
          const [given, turned, put, same] = expectSame(
            program,
            { n },
            [x, y, z, s].map((b, k) => contentsOf(b, n, k === 0 ? fill : () => 0)),
          );
          expect([...(turned ?? [])]).toEqual([...(given ?? [])].reverse());
          expect([...(put ?? [])]).toEqual([...(given ?? [])].reverse());
          expect([...(same ?? [])]).toEqual([...(given ?? [])]);
        }
  });

  it("nests with strides, offsets, broadcasts and symbolic sizes", () => {
    const [rows, cols] = [symbol("rows"), symbol("cols")];
    for (const [r, c] of [
      [0, 5],
      [3, 0],
      [1, 1],
      [3, 7],
      [5, 16],
      [2, 19],
    ] as const) {
      const p = new ProgramBuilder();
      const [x, bias, column, y, t] = [
        p.buffer("f32", r * c),
        p.buffer("f32", c),
        p.buffer("f32", r),
        p.buffer("f32", r * c + 3),
        p.buffer("f32", r * c),
      ];
      const body = forLoop(rows, (i) => [
        forLoop(cols, (j) => {
          const at = addIndexes(scaled(i, cols), j);
          const flipped = addIndexes(
            scaled(i, cols),
            scaled(j, constantSize(-1)),
            constantIndex(subSizes(cols, 1)),
          );
          const sum = binary("add", binary("mul", load(x, at), load(column, i)), load(bias, j));
          return [
            { kind: "store", buffer: y, index: addIndexes(at, constantIndex(3)), value: sum },
            { kind: "store", buffer: t, index: at, value: binary("sub", sum, load(x, flipped)) },
          ];
        }),
      ]);
      const next = numbers(r + 100 * c);
      const contents = [x, bias, column, y, t].map((b) =>
        contentsOf(b, b.size.constant ?? 0, next),
      );
      expectSame(p.build([body]), { rows: r, cols: c }, contents);
    }
  });

  it("locals, assignments and sequential loops inside lanes", () => {
    for (const type of ["f32", "f64"] as const) {
      for (const n of [1, 3, 4, 9]) {
        const p = new ProgramBuilder();
        const [x, y, z] = [p.buffer(type, 5 * n), p.buffer(type, n), p.buffer("i32", n)];
        const [sum, count, shift] = [
          scalarVar("sum", type),
          scalarVar("count", "i32"),
          scalarVar("shift", type),
        ];
        const body = forLoop(n, (i) => [
          { kind: "let", var: sum, value: literal(type, 0.5) },
          { kind: "let", var: count, value: literal("i32", 0) },
          { kind: "let", var: shift, value: literal(type, 3) },
          forLoop(
            5,
            (k) => {
              const value = load(x, addIndexes(scaled(k, constantSize(n)), i));
              return [
                {
                  kind: "assign",
                  var: sum,
                  value: binary("add", binary("mul", readVar(sum), readVar(shift)), value),
                },
                {
                  kind: "assign",
                  var: count,
                  value: binary(
                    "add",
                    readVar(count),
                    convert("i32", compare("lt", value, readVar(sum))),
                  ),
                },
                {
                  kind: "assign",
                  var: shift,
                  value: binary("mul", readVar(shift), literal(type, 0.5)),
                },
              ];
            },
            false,
          ),
          { kind: "store", buffer: y, index: i, value: readVar(sum) },
          { kind: "store", buffer: z, index: i, value: readVar(count) },
        ]);
        const next = numbers(n);
        expectSame(
          p.build([body]),
          {},
          [x, y, z].map((b) => contentsOf(b, b.size.constant ?? 0, next)),
        );
      }
    }
  });

  it("gathers rows, branches, fails once, calls and copies", () => {
    const p = new ProgramBuilder();
    const [table, ids, out, copied] = [
      p.buffer("f32", 40),
      p.buffer("i32", 6),
      p.buffer("f32", 24),
      p.buffer("f32", 24),
    ];
    const row = indexVar("row");
    const j = indexVar("j");
    const id = load(ids, indexOf(row));
    const bad = compare("lt", literal("i32", 9), id);
    const safe = binary("min", id, literal("i32", 9));
    const gather = {
      name: "gather",
      params: [row],
      body: [
        { kind: "fail", cond: bad, code: 7 },
        {
          kind: "for",
          var: j,
          extent: constantSize(4),
          parallel: true,
          body: [
            {
              kind: "store",
              buffer: out,
              index: addIndexes(indexOf(row, 4), indexOf(j)),
              value: load(table, addIndexes(indexOf(safe, 4), indexOf(j))),
            },
          ],
        },
        ifStatement(bad, [
          { kind: "store", buffer: out, index: indexOf(row, 4), value: literal("f32", -1) },
        ]),
      ] as Statement[],
    };
    p.functions.push(gather);
    const i = indexVar("i");
    const program = p.build([
      {
        kind: "for",
        var: i,
        extent: constantSize(6),
        parallel: false,
        body: [{ kind: "call", func: gather, args: [indexOf(i)] }],
      },
      {
        kind: "copy",
        from: out,
        fromOffset: constantIndex(2),
        to: copied,
        toOffset: constantIndex(1),
        size: constantSize(20),
      },
      { kind: "fail", cond: literal("bool", 1), code: 9 },
    ]);
    const next = numbers(3);
    const contents = [
      contentsOf(table, 40, next),
      contentsOf(ids, 6, (k) => [3, 0, 9, 12, 1, 3][k] ?? 0),
      contentsOf(out, 24, next),
      contentsOf(copied, 24, next),
    ];
    expectSame(program, {}, contents);
    expectSame(program, {}, contents, { sharedMemory: true });
  });

  it("an expression holds the value it had where it was first needed", () => {
    const p = new ProgramBuilder();
    const [x, y] = [p.buffer("f32", 9), p.buffer("f32", 9)];
    const program = p.build([
      forLoop(9, (i) => {
        const old = load(x, i);
        return [
          { kind: "store", buffer: x, index: i, value: binary("mul", old, literal("f32", 2)) },
          { kind: "store", buffer: y, index: i, value: old },
        ];
      }),
    ]);
    expectSame(program, {}, [contentsOf(x, 9, numbers(1)), contentsOf(y, 9, () => 0)]);
  });

  it("the same program gives the same bytes, and an operation that was not legalised is refused by name", () => {
    const p = new ProgramBuilder();
    const x = p.buffer("f32", 4);
    const program = p.build([
      forLoop(4, (i) => [{ kind: "store", buffer: x, index: i, value: unary("tanh", load(x, i)) }]),
    ]);
    expect(() => emitWasm(program, { sharedMemory: false })).toThrow("no tanh of f32");
    expect(portableTarget.has("tanh", "f32")).toBe(false);
  });
});

function scaled(index: Index, factor: Size): Index {
  return { terms: index.terms.map((t) => ({ ...t, coef: factor })), offset: index.offset };
}

it("a position that is work to find is found once, whether its element is wanted in lanes, alone, or both", () => {
  const p = new ProgramBuilder();
  const [places, x, y, z] = [
    p.buffer("i32", 5),
    p.buffer("f32", 8),
    p.buffer("f32", 104),
    p.buffer("f32", 104),
  ];
  const body = (t: Index): Statement[] => {
    const shared = load(x, indexOf(binary("bitAnd", load(places, t), literal("i32", 7))));
    const twice = unary("neg", binary("add", shared, shared));
    return [
      forLoop(104, (i) => [
        { kind: "store", buffer: y, index: i, value: shared },
        { kind: "store", buffer: z, index: i, value: twice },
      ]),
    ];
  };
  const program = p.build([forLoop(5, body, false)]);
  const { bytes } = emitWasm(program, { sharedMemory: false });
  const i32And = 0x71;
  expect(bytes.filter((byte) => byte === i32And)).toHaveLength(1);
  const next = numbers(8);
  expectSame(program, {}, [
    Int32Array.from([3, 9, 0, 7, 6]),
    contentsOf(x, 8, next),
    new Float32Array(104),
    new Float32Array(104),
  ]);
});
