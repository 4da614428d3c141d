import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import { binary, compare, convert, literal, load, select, unary } from "../../src/loop-ir/build.ts";
import { zeroIndex } from "../../src/loop-ir/index-expr.ts";
import { scalarFunction } from "../../src/loop-ir/scalar-function.ts";
import type {
  BinaryOp,
  Buffer,
  CompareOp,
  Expr,
  ScalarType,
  UnaryOp,
} from "../../src/loop-ir/types.ts";
import { bufferMaker, programOf } from "../loop-ir/programs.ts";

type Memory = Float32Array | Float64Array | Int32Array;
const none = new Map<string, number>();

function memoryOf(type: ScalarType, values: readonly number[]): Memory {
  return type === "f32"
    ? Float32Array.from(values)
    : type === "f64"
      ? Float64Array.from(values)
      : Int32Array.from(values);
}

/** The value of an expression of loaded operands, so that nothing is folded on the way. */
function valueOf(
  operands: readonly { readonly type: ScalarType; readonly value: number }[],
  make: (...loaded: Expr[]) => Expr,
): number {
  const { all, make: buffer } = bufferMaker();
  const memory = new Map<Buffer, Memory>();
  const loaded = operands.map(({ type, value }, n) => {
    const b = buffer(`x${n}`, type, 1);
    memory.set(b, memoryOf(type, [value]));
    return load(b, zeroIndex);
  });
  const value = make(...loaded);
  const out = buffer("out", value.type, 1, "output");
  memory.set(out, memoryOf(value.type, [0]));
  interpret(
    programOf(all, [{ kind: "store", buffer: out, index: zeroIndex, value }]),
    { sizes: none, buffers: memory },
    "main",
  );
  return memory.get(out)?.[0] ?? NaN;
}

const unaryValue = (op: UnaryOp, type: ScalarType, x: number): number =>
  valueOf([{ type, value: x }], (a) => unary(op, a));
const binaryValue = (op: BinaryOp, type: ScalarType, x: number, y: number): number =>
  valueOf(
    [
      { type, value: x },
      { type, value: y },
    ],
    (a, b) => binary(op, a ?? literal(type, 0), b ?? literal(type, 0)),
  );
const high = 2147483647;
const low = -2147483648;

describe("scalar operations", () => {
  test.each<[UnaryOp, ScalarType, number, number]>([
    ["neg", "f32", 0, -0],
    ["neg", "i32", low, low],
    ["abs", "i32", low, low],
    ["abs", "f32", -0, 0],
    ["sqrt", "f32", 2, Math.fround(Math.SQRT2)],
    ["sqrt", "f64", -1, NaN],
    ["sqrt", "f32", -0, -0],
    ["nearest", "f32", 0.5, 0],
    ["nearest", "f32", 1.5, 2],
    ["nearest", "f64", 2.5, 2],
    ["nearest", "f64", -0.5, -0],
    ["nearest", "f64", -1.5, -2],
    ["nearest", "f64", 1e300, 1e300],
    ["floor", "f32", -0.5, -1],
    ["ceil", "f64", -0.5, -0],
    ["trunc", "f64", -1.7, -1],
    ["not", "bool", 1, 0],
    ["not", "bool", 0, 1],
    ["exponent", "f32", 0.75, -1],
    ["exponent", "f64", -8, 3],
    ["exponent", "f32", 0, -127],
    ["exponent", "f64", 0, -1023],
    ["exponent", "f32", Infinity, 128],
    ["mantissa", "f32", -0.75, 1.5],
    ["mantissa", "f64", 10, 1.25],
    ["mantissa", "f64", 0, 1],
    ["pow2", "f32", 127, 2 ** 127],
    ["pow2", "f32", 128, Infinity],
    ["pow2", "f32", -126, 2 ** -126],
    ["pow2", "f32", -127, 0],
    ["pow2", "f32", NaN, 0],
    ["pow2", "f32", 1e9, Infinity],
    ["pow2", "f64", 1023, 2 ** 1023],
    ["pow2", "f64", 1024, Infinity],
    ["pow2", "f64", -1022, 2 ** -1022],
    ["pow2", "f64", -1023, 0],
    ["pow2", "f64", -Infinity, 0],
    ["tanh", "f32", 0.5, scalarFunction("tanh", "f32")(0.5)],
    ["exp", "f64", 1.5, scalarFunction("exp", "f64")(1.5)],
  ])("%s of %s %d is %d", (op, type, x, wanted) => expect(unaryValue(op, type, x)).toBe(wanted));

  test.each<[BinaryOp, ScalarType, number, number, number]>([
    ["add", "f32", 16777216, 1, 16777216],
    ["add", "i32", high, 1, low],
    ["sub", "i32", low, 1, high],
    ["mul", "i32", 65537, 65537, 131073],
    ["mul", "f32", 0.1, 0.1, Math.fround(Math.fround(0.1) * Math.fround(0.1))],
    ["div", "i32", -7, 2, -3],
    ["div", "i32", 7, 0, 0],
    ["div", "i32", low, -1, low],
    ["div", "f64", 1, 0, Infinity],
    ["min", "f32", -0, 0, -0],
    ["min", "f32", 0, -0, -0],
    ["max", "f64", -0, 0, 0],
    ["min", "f64", NaN, 1, NaN],
    ["max", "f32", 1, NaN, NaN],
    ["min", "i32", 3, -3, -3],
    ["floorDiv", "i32", -7, 2, -4],
    ["floorDiv", "i32", 7, 0, 0],
    ["floorDiv", "i32", low, -1, low],
    ["floorDiv", "f32", -7, 2, -4],
    ["mod", "i32", -7, 3, 2],
    ["mod", "i32", 7, -3, -2],
    ["mod", "i32", 7, 0, 0],
    ["mod", "i32", low, -1, 0],
    ["mod", "f64", -7, 3, 2],
    ["mod", "f32", 7, -3, -2],
    ["bitAnd", "i32", -1, 0xff, 0xff],
    ["bitOr", "i32", 5, 2, 7],
    ["bitXor", "i32", -1, 1, -2],
    ["shiftLeft", "i32", 1, 33, 2],
    ["shiftRight", "i32", -1, 28, 15],
    ["shiftRight", "i32", -1, 0, -1],
    ["mulHigh", "i32", -1, -1, -2],
    ["mulHigh", "i32", 65536, 65536, 1],
    [
      "mulHigh",
      "i32",
      -766435501,
      0x12345678,
      Number(BigInt.asIntN(32, (3528531795n * 0x12345678n) >> 32n)),
    ],
    ["and", "bool", 1, 0, 0],
    ["or", "bool", 1, 0, 1],
    ["xor", "bool", 1, 1, 0],
    ["pow", "f64", 2, 10, 1024],
  ])("%s of %s %d and %d is %d", (op, type, x, y, wanted) =>
    expect(binaryValue(op, type, x, y)).toBe(wanted),
  );

  test("mulHigh is the high word for many operands", () => {
    for (let n = 0; n < 200; n++) {
      const [x, y] = [(n * 0x9e3779b1) | 0, (n * n * 0x85ebca6b + 77) | 0];
      const wide = (BigInt(x >>> 0) * BigInt(y >>> 0)) >> 32n;
      expect(binaryValue("mulHigh", "i32", x, y)).toBe(Number(BigInt.asIntN(32, wide)));
    }
  });

  test.each<[CompareOp, number, number, number]>([
    ["lt", 1, 2, 1],
    ["lt", NaN, 1, 0],
    ["le", 2, 2, 1],
    ["le", 1, NaN, 0],
    ["eq", -0, 0, 1],
    ["eq", NaN, NaN, 0],
    ["ne", NaN, NaN, 1],
    ["ne", 1, 1, 0],
  ])("%s of %d and %d is %d", (op, x, y, wanted) =>
    expect(
      valueOf(
        [
          { type: "f64", value: x },
          { type: "f64", value: y },
        ],
        (a, b) => compare(op, a ?? literal("f64", 0), b ?? literal("f64", 0)),
      ),
    ).toBe(wanted),
  );

  test.each<[ScalarType, ScalarType, number, number]>([
    ["f64", "i32", -1.9, -1],
    ["f32", "i32", 3e9, high],
    ["f64", "i32", -1e300, low],
    ["f32", "i32", NaN, 0],
    ["i32", "f32", 16777217, 16777216],
    ["f64", "f32", 0.1, Math.fround(0.1)],
    ["i32", "f64", low, low],
    ["f32", "bool", NaN, 1],
    ["f64", "bool", -0, 0],
    ["i32", "bool", 7, 1],
    ["bool", "f32", 1, 1],
    ["f64", "f32", 1e300, Infinity],
  ])("%s to %s makes %d %d", (from, to, x, wanted) =>
    expect(valueOf([{ type: from, value: x }], (a) => convert(to, a ?? literal(from, 0)))).toBe(
      wanted,
    ),
  );

  test("select takes the side that the condition names, NaN or not", () => {
    expect(
      valueOf([{ type: "bool", value: 1 }], (c) =>
        select(c ?? literal("bool", 0), literal("f32", 3), literal("f32", NaN)),
      ),
    ).toBe(3);
    expect(
      valueOf([{ type: "bool", value: 0 }], (c) =>
        select(c ?? literal("bool", 0), literal("f32", NaN), literal("f32", 4)),
      ),
    ).toBe(4);
  });
});
