import { describe, it } from "vitest";
import {
  binary,
  binaryTypes,
  compare,
  convert,
  literal,
  load,
  select,
  unary,
  unaryTypes,
} from "../../src/loop-ir/build.ts";
import { constantIndex } from "../../src/loop-ir/index-expr.ts";
import type {
  BinaryOp,
  CompareOp,
  Expr,
  Index,
  ScalarType,
  Statement,
  UnaryOp,
} from "../../src/loop-ir/types.ts";
import { contentsOf, expectSame, forLoop, ProgramBuilder } from "./wasm-harness.ts";

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
