import { describe, expect, it } from "vitest";
import { emitWasm } from "../../src/backend/wasm/emit.ts";
import {
  binary,
  binaryTypes,
  compare,
  convert,
  ifStatement,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
  unary,
  unaryTypes,
} from "../../src/loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import { portableTarget } from "../../src/loop-ir/legalize.ts";
import type {
  BinaryOp,
  CompareOp,
  Expr,
  Index,
  ScalarType,
  Statement,
  UnaryOp,
} from "../../src/loop-ir/types.ts";
import { constantSize, type Size, subSizes } from "../../src/size/size.ts";
import { contentsOf, expectSame, numbers, ProgramBuilder, symbol } from "./wasm-harness.ts";

const types: readonly ScalarType[] = ["f32", "f64", "i32", "bool"];
const floats = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3,
  1e-45,
  -1e-45,
  1.1754944e-38,
  5e-324,
  1e-310,
  3.4e38,
  -3.4e38,
  1e300,
  2147483647,
  2147483648,
  -2147483648,
  -2147483904,
  8388607.5,
  4503599627370495.5,
  0.1,
  Infinity,
  -Infinity,
  NaN,
];
const integers = [
  0, 1, -1, 2, -2, 7, -7, 31, 32, 33, 255, 65535, -65536, 123456789, 2147483647, -2147483648,
  -2147483647,
];
const edges: Readonly<Record<ScalarType, readonly number[]>> = {
  f32: floats,
  f64: floats,
  i32: integers,
  bool: [0, 1],
};
const wholes = [
  -2000,
  -1075,
  -1024,
  -1023,
  -1022,
  -150,
  -128,
  -127,
  -126,
  -1,
  0,
  1,
  2,
  127,
  128,
  129,
  1022,
  1023,
  1024,
  1025,
  5000,
  Infinity,
  -Infinity,
  NaN,
  -0,
];

function forLoop(
  extent: Size | number,
  body: (i: Index) => readonly Statement[],
  parallel = true,
): Statement {
  const v = indexVar("i");
  return {
    kind: "for",
    var: v,
    extent: typeof extent === "number" ? constantSize(extent) : extent,
    parallel,
    body: body(indexOf(v)),
  };
}

/** Applies `f` to pairs of edge values, once in a vectorised loop and once in one that is not. */
function checkOp(
  operand: ScalarType,
  f: (x: Expr, y: Expr) => Expr,
  values: readonly number[] = edges[operand],
  extra?: ScalarType,
): void {
  const pairs = values.flatMap((x) => values.map((y) => [x, y] as const));
  for (const parallel of [true, false]) {
    const p = new ProgramBuilder();
    const n = pairs.length;
    const [x, y] = [p.buffer(operand, n), p.buffer(operand, n)];
    const probe = f(load(x, constantIndex(0)), load(y, constantIndex(0)));
    const out = p.buffer(probe.type, n);
    const more = extra === undefined ? [] : [p.buffer(extra, n), p.buffer(extra, n)];
    const [from, to] = more;
    const body = (i: Index): Statement[] => [
      { kind: "store", buffer: out, index: i, value: f(load(x, i), load(y, i)) },
      ...(from === undefined || to === undefined
        ? []
        : [{ kind: "store", buffer: to, index: i, value: load(from, i) } as const]),
    ];
    const contents = [
      contentsOf(x, n, (i) => pairs[i]?.[0] ?? 0),
      contentsOf(y, n, (i) => pairs[i]?.[1] ?? 0),
      contentsOf(out, n, () => 0),
      ...more.map((b) => contentsOf(b, n, (i) => i)),
    ];
    expectSame(p.build([forLoop(n, body, parallel)]), {}, contents);
  }
}

describe("scalar operations in loops and in SIMD lanes", () => {
  for (const [op, allowed] of Object.entries(unaryTypes) as [UnaryOp, readonly ScalarType[]][]) {
    for (const type of allowed) {
      const values = op === "pow2" ? wholes : edges[type];
      it(`${op} of ${type}`, () => checkOp(type, (x) => unary(op, x), values));
      if (type !== "f64")
        it(`${op} of ${type} beside float64`, () =>
          checkOp(type, (x) => unary(op, x), values, "f64"));
    }
  }
  for (const [op, allowed] of Object.entries(binaryTypes) as [BinaryOp, readonly ScalarType[]][]) {
    for (const type of allowed) {
      it(`${op} of ${type}`, () => checkOp(type, (x, y) => binary(op, x, y)));
      if (type !== "f64")
        it(`${op} of ${type} beside float64`, () =>
          checkOp(type, (x, y) => binary(op, x, y), edges[type], "f64"));
    }
  }
  for (const op of ["lt", "le", "eq", "ne"] as CompareOp[]) {
    for (const type of types) {
      it(`${op} and select of ${type}`, () => {
        checkOp(type, (x, y) => compare(op, x, y));
        checkOp(type, (x, y) => select(compare(op, x, y), x, y));
        checkOp(type, (x, y) => select(compare(op, x, y), x, y), edges[type], "f64");
        checkOp(type, (x, y) => convert("f32", compare(op, x, y)), edges[type], "f64");
      });
    }
  }
  for (const from of types)
    for (const to of types)
      it(`${from} to ${to}`, () => {
        checkOp(from, (x) => convert(to, x));
        checkOp(from, (x) => convert(to, x), edges[from], "f64");
      });
  it("shifts by the same amount in all lanes", () => {
    for (const amount of [0, 1, 5, 31, 32, 33])
      for (const op of ["shiftLeft", "shiftRight"] as const)
        checkOp("i32", (x) => binary(op, x, literal("i32", amount)));
  });
  it("the smaller and the larger of two, as selects", () => {
    for (const type of ["f32", "f64"] as const) {
      checkOp(type, (x, y) => select(compare("lt", x, y), x, y));
      checkOp(type, (x, y) => select(compare("lt", x, y), y, x));
      checkOp(type, (x, y) => select(compare("lt", y, x), x, y));
    }
  });
  it("select of one type by a comparison of another", () => {
    for (const [c, v] of [
      ["f32", "f64"],
      ["f64", "f32"],
      ["i32", "f64"],
      ["f64", "i32"],
      ["f64", "bool"],
      ["bool", "f64"],
    ] as const) {
      checkOp(c, (x, y) => select(compare("lt", x, y), convert(v, x), convert(v, y)));
    }
  });
});

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
