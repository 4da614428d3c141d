import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import { binary, compare, convert, ifStatement, literal, load, positionOf, readVar, scalarVar, select, unary } from "../../src/loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar, scaleIndex, zeroIndex } from "../../src/loop-ir/index-expr.ts";
import { scalarFunction } from "../../src/loop-ir/scalar-function.ts";
import type { BinaryOp, Buffer, CompareOp, Expr, LoopFunction, MatrixView, Program, ReduceOp, ReduceOrder, ScalarType, Statement, UnaryOp } from "../../src/loop-ir/types.ts";
import { constantSize, mulSizes, type Size } from "../../src/size/size.ts";
import { bufferMaker, programOf, size } from "../loop-ir/programs.ts";

type Memory = Float32Array | Float64Array | Int32Array;
const none = new Map<string, number>();

function memoryOf(type: ScalarType, values: readonly number[]): Memory {
  return type === "f32" ? Float32Array.from(values) : type === "f64" ? Float64Array.from(values) : Int32Array.from(values);
}

/** The value of an expression of loaded operands, so that nothing is folded on the way. */
function valueOf(operands: readonly { readonly type: ScalarType; readonly value: number }[], make: (...loaded: Expr[]) => Expr): number {
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
  interpret(programOf(all, [{ kind: "store", buffer: out, index: zeroIndex, value }]), { sizes: none, buffers: memory }, "main");
  return memory.get(out)?.[0] ?? NaN;
}

const unaryValue = (op: UnaryOp, type: ScalarType, x: number): number => valueOf([{ type, value: x }], (a) => unary(op, a));
const binaryValue = (op: BinaryOp, type: ScalarType, x: number, y: number): number =>
  valueOf([{ type, value: x }, { type, value: y }], (a, b) => binary(op, a ?? literal(type, 0), b ?? literal(type, 0)));
const high = 2147483647;
const low = -2147483648;

describe("scalar operations", () => {
  test.each<[UnaryOp, ScalarType, number, number]>([
    ["neg", "f32", 0, -0], ["neg", "i32", low, low], ["abs", "i32", low, low], ["abs", "f32", -0, 0],
    ["sqrt", "f32", 2, Math.fround(Math.SQRT2)], ["sqrt", "f64", -1, NaN], ["sqrt", "f32", -0, -0],
    ["nearest", "f32", 0.5, 0], ["nearest", "f32", 1.5, 2], ["nearest", "f64", 2.5, 2], ["nearest", "f64", -0.5, -0], ["nearest", "f64", -1.5, -2], ["nearest", "f64", 1e300, 1e300],
    ["floor", "f32", -0.5, -1], ["ceil", "f64", -0.5, -0], ["trunc", "f64", -1.7, -1], ["not", "bool", 1, 0], ["not", "bool", 0, 1],
    ["exponent", "f32", 0.75, -1], ["exponent", "f64", -8, 3], ["exponent", "f32", 0, -127], ["exponent", "f64", 0, -1023], ["exponent", "f32", Infinity, 128],
    ["mantissa", "f32", -0.75, 1.5], ["mantissa", "f64", 10, 1.25], ["mantissa", "f64", 0, 1],
    ["pow2", "f32", 127, 2 ** 127], ["pow2", "f32", 128, Infinity], ["pow2", "f32", -126, 2 ** -126], ["pow2", "f32", -127, 0], ["pow2", "f32", NaN, 0], ["pow2", "f32", 1e9, Infinity],
    ["pow2", "f64", 1023, 2 ** 1023], ["pow2", "f64", 1024, Infinity], ["pow2", "f64", -1022, 2 ** -1022], ["pow2", "f64", -1023, 0], ["pow2", "f64", -Infinity, 0],
    ["tanh", "f32", 0.5, scalarFunction("tanh", "f32")(0.5)], ["exp", "f64", 1.5, scalarFunction("exp", "f64")(1.5)],
  ])("%s of %s %d is %d", (op, type, x, wanted) => expect(unaryValue(op, type, x)).toBe(wanted));

  test.each<[BinaryOp, ScalarType, number, number, number]>([
    ["add", "f32", 16777216, 1, 16777216], ["add", "i32", high, 1, low], ["sub", "i32", low, 1, high], ["mul", "i32", 65537, 65537, 131073], ["mul", "f32", 0.1, 0.1, Math.fround(Math.fround(0.1) * Math.fround(0.1))],
    ["div", "i32", -7, 2, -3], ["div", "i32", 7, 0, 0], ["div", "i32", low, -1, low], ["div", "f64", 1, 0, Infinity],
    ["min", "f32", -0, 0, -0], ["min", "f32", 0, -0, -0], ["max", "f64", -0, 0, 0], ["min", "f64", NaN, 1, NaN], ["max", "f32", 1, NaN, NaN], ["min", "i32", 3, -3, -3],
    ["floorDiv", "i32", -7, 2, -4], ["floorDiv", "i32", 7, 0, 0], ["floorDiv", "i32", low, -1, low], ["floorDiv", "f32", -7, 2, -4],
    ["mod", "i32", -7, 3, 2], ["mod", "i32", 7, -3, -2], ["mod", "i32", 7, 0, 0], ["mod", "i32", low, -1, 0], ["mod", "f64", -7, 3, 2], ["mod", "f32", 7, -3, -2],
    ["bitAnd", "i32", -1, 0xff, 0xff], ["bitOr", "i32", 5, 2, 7], ["bitXor", "i32", -1, 1, -2],
    ["shiftLeft", "i32", 1, 33, 2], ["shiftRight", "i32", -1, 28, 15], ["shiftRight", "i32", -1, 0, -1],
    ["mulHigh", "i32", -1, -1, -2], ["mulHigh", "i32", 65536, 65536, 1], ["mulHigh", "i32", -766435501, 0x12345678, Number(BigInt.asIntN(32, (3528531795n * 0x12345678n) >> 32n))],
    ["and", "bool", 1, 0, 0], ["or", "bool", 1, 0, 1], ["xor", "bool", 1, 1, 0],
    ["pow", "f64", 2, 10, 1024],
  ])("%s of %s %d and %d is %d", (op, type, x, y, wanted) => expect(binaryValue(op, type, x, y)).toBe(wanted));

  test("mulHigh is the high word for many operands", () => {
    for (let n = 0; n < 200; n++) {
      const [x, y] = [(n * 0x9e3779b1) | 0, (n * n * 0x85ebca6b + 77) | 0];
      const wide = (BigInt(x >>> 0) * BigInt(y >>> 0)) >> 32n;
      expect(binaryValue("mulHigh", "i32", x, y)).toBe(Number(BigInt.asIntN(32, wide)));
    }
  });

  test.each<[CompareOp, number, number, number]>([
    ["lt", 1, 2, 1], ["lt", NaN, 1, 0], ["le", 2, 2, 1], ["le", 1, NaN, 0], ["eq", -0, 0, 1], ["eq", NaN, NaN, 0], ["ne", NaN, NaN, 1], ["ne", 1, 1, 0],
  ])("%s of %d and %d is %d", (op, x, y, wanted) =>
    expect(valueOf([{ type: "f64", value: x }, { type: "f64", value: y }], (a, b) => compare(op, a ?? literal("f64", 0), b ?? literal("f64", 0)))).toBe(wanted));

  test.each<[ScalarType, ScalarType, number, number]>([
    ["f64", "i32", -1.9, -1], ["f32", "i32", 3e9, high], ["f64", "i32", -1e300, low], ["f32", "i32", NaN, 0], ["i32", "f32", 16777217, 16777216], ["f64", "f32", 0.1, Math.fround(0.1)],
    ["i32", "f64", low, low], ["f32", "bool", NaN, 1], ["f64", "bool", -0, 0], ["i32", "bool", 7, 1], ["bool", "f32", 1, 1], ["f64", "f32", 1e300, Infinity],
  ])("%s to %s makes %d %d", (from, to, x, wanted) => expect(valueOf([{ type: from, value: x }], (a) => convert(to, a ?? literal(from, 0)))).toBe(wanted));

  test("select takes the side that the condition names, NaN or not", () => {
    expect(valueOf([{ type: "bool", value: 1 }], (c) => select(c ?? literal("bool", 0), literal("f32", 3), literal("f32", NaN)))).toBe(3);
    expect(valueOf([{ type: "bool", value: 0 }], (c) => select(c ?? literal("bool", 0), literal("f32", NaN), literal("f32", 4)))).toBe(4);
  });
});

describe("folds", () => {
  const fold = (type: "f32" | "f64" | "i32", values: readonly number[], op: ReduceOp, order: ReduceOrder): number => {
    const { all, make } = bufferMaker();
    const n = size("n");
    const [x, out] = [make("x", type, n), make("out", type, 1, "output")];
    const [i, v] = [indexVar("i"), scalarVar("v", type)];
    const program = programOf(all, [
      { kind: "reduce", var: v, index: i, extent: n, op, order, value: load(x, indexOf(i)) },
      { kind: "store", buffer: out, index: zeroIndex, value: readVar(v) },
    ]);
    const result = memoryOf(type, [0]);
    interpret(program, { sizes: new Map([["n", values.length]]), buffers: new Map([[x, memoryOf(type, values)], [out, result]]) }, "main");
    return result[0] ?? NaN;
  };
  const noise = (n: number): number[] => Array.from({ length: n }, (_, i) => Math.fround(((i * 7919) % 1000) / 7 - 60));
  const round = Math.fround;

  test.each([0, 1, 15, 16, 17, 300])("sixteen lanes fold in a tree, n = %d", (n) => {
    const lanes = new Float32Array(16);
    noise(n).forEach((x, i) => (lanes[i % 16] = round((lanes[i % 16] ?? 0) + x)));
    const l = (i: number): number => lanes[i] ?? 0;
    const eight = Array.from({ length: 8 }, (_, j) => round(l(j) + l(j + 8)));
    const e = (i: number): number => eight[i] ?? 0;
    const four = [0, 1, 2, 3].map((j) => round(e(j) + e(j + 4)));
    const f = (i: number): number => four[i] ?? 0;
    expect(fold("f32", noise(n), "add", "lanes")).toBe(round(round(f(0) + f(2)) + round(f(1) + f(3))));
  });
  test.each([0, 1, 255, 256, 257, 700])("blocks of 256 fold in order, n = %d", (n) => {
    let total = 0;
    for (let from = 0; from < n; from += 256) total = round(total + noise(n).slice(from, from + 256).reduce((sum, x) => round(sum + x), 0));
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

describe("matrix products", () => {
  const round = Math.fround;
  const [m, n, k] = [3, 11, 600];
  const fill = (length: number, seed: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + seed));
  const view = (buffer: Buffer, rowStride: number, colStride: number, offset = 0): MatrixView => ({ buffer, offset: constantIndex(offset), rowStride: constantSize(rowStride), colStride: constantSize(colStride) });
  const wanted = (a: Float32Array, b: Float32Array, c: Float32Array, accumulate: boolean): Float32Array => {
    const out = Float32Array.from(c);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = accumulate ? (c[i * n + j] ?? 0) : 0;
        for (let from = 0; from < k; from += 256) {
          let part = 0;
          for (let p = from; p < Math.min(k, from + 256); p++) part = round(part + round((a[i * k + p] ?? 0) * (b[p * n + j] ?? 0)));
          sum = round(sum + part);
        }
        out[i * n + j] = sum;
      }
    return out;
  };

  test.each([[false, false], [false, true], [true, false], [true, true]])("sum in blocks of 256 (accumulate %s, packed %s)", (accumulate, packed) => {
    const { all, make } = bufferMaker();
    const [a, b, c, panels] = [make("a", "f32", m * k), make("b", "f32", k * n), make("c", "f32", m * n, "output"), make("panels", "f32", 16 * k, "temporary")];
    const shape = { m: constantSize(m), n: constantSize(n), k: constantSize(k) };
    const body: Statement[] = [
      { kind: "pack", b: view(b, n, 1), into: panels, n: shape.n, k: shape.k },
      { kind: "matmul", a: view(a, k, 1), b: packed ? { packed: panels } : view(b, n, 1), c: view(c, n, 1), ...shape, accumulate },
    ];
    const [av, bv, cv] = [fill(m * k, 1), fill(k * n, 2), fill(m * n, 3)];
    const out = Float32Array.from(cv);
    const memory = new Float32Array(16 * k).fill(7);
    interpret(programOf(all, body), { sizes: none, buffers: new Map<Buffer, Memory>([[a, av], [b, bv], [c, out], [panels, memory]]) }, "main");
    expect(out).toEqual(wanted(av, bv, cv, accumulate));
    // Row 5 of the second panel: three columns, then zeros.
    expect(memory.slice(8 * k + 5 * 8, 8 * k + 6 * 8)).toEqual(Float32Array.from([8, 9, 10, 0, 0, 0, 0, 0].map((j) => (j === 0 ? 0 : (bv[5 * n + j] ?? 0)))));
  });

  test("strides transpose, and an empty sum is zero", () => {
    const { all, make } = bufferMaker();
    const [a, c] = [make("a", "f64", 6), make("c", "f64", 9, "output")];
    const by = (kSize: number): Program =>
      programOf(all, [{ kind: "matmul", a: view(a, 1, 3), b: view(a, 3, 1), c: view(c, 3, 1), m: constantSize(3), n: constantSize(3), k: constantSize(kSize), accumulate: false }]);
    const out = new Float64Array(9).fill(5);
    const buffers = new Map([[a, Float64Array.from([1, 2, 3, 4, 5, 6])], [c, out]]);
    interpret(by(2), { sizes: none, buffers }, "main");
    expect([...out]).toEqual([17, 22, 27, 22, 29, 36, 27, 36, 45]);
    interpret(by(0), { sizes: none, buffers }, "main");
    expect([...out]).toEqual(Array.from({ length: 9 }, () => 0));
  });

  test("a matrix that leaves its buffer is refused", () => {
    const { all, make } = bufferMaker();
    const [a, c] = [make("a", "f32", 4), make("c", "f32", 4, "output")];
    const program = programOf(all, [{ kind: "matmul", a: view(a, 2, 1, 1), b: view(a, 2, 1), c: view(c, 2, 1), m: constantSize(2), n: constantSize(2), k: constantSize(2), accumulate: false }]);
    expect(() => interpret(program, { sizes: none, buffers: new Map([[a, new Float32Array(4)], [c, new Float32Array(4)]]) }, "main")).toThrow("matrix element a[4] is outside its 4 elements");
  });
});

describe("programs", () => {
  const { all, make } = bufferMaker();
  const n: Size = size("n");
  const [x, y] = [make("x", "f32", n), make("y", "f32", n, "output")];
  const i = indexVar("i");
  const each = (body: readonly Statement[], extent: Size = n): Statement => ({ kind: "for", var: i, extent, parallel: false, body });
  const storeY = (value: Expr, index = indexOf(i)): Statement => ({ kind: "store", buffer: y, index, value });
  const runOn = (values: readonly number[], body: readonly Statement[], functions: readonly LoopFunction[] = []): { readonly out: number[]; readonly status: number } => {
    const out = new Float32Array(values.length);
    const status = interpret(programOf(all, body, functions), { sizes: new Map([["n", values.length]]), buffers: new Map([[x, Float32Array.from(values)], [y, out]]) }, "main");
    return { out: [...out], status };
  };

  test("one compiled program serves every size", () => {
    const program = programOf(all, [each([storeY(binary("add", load(x, indexOf(i)), convert("f32", positionOf(indexOf(i, 10)))))])]);
    for (const count of [0, 3, 5]) {
      const out = new Float32Array(count);
      interpret(program, { sizes: new Map([["n", count]]), buffers: new Map([[x, new Float32Array(count).fill(1)], [y, out]]) }, "main");
      expect([...out]).toEqual(Array.from({ length: count }, (_, p) => 1 + 10 * p));
    }
  });
  test("locals carry values through loops", () => {
    const s = scalarVar("s", "f32");
    const body: Statement[] = [{ kind: "let", var: s, value: literal("f32", 0) }, each([{ kind: "assign", var: s, value: binary("add", readVar(s), load(x, indexOf(i))) }, storeY(readVar(s))])];
    expect(runOn([1, 2, 3], body).out).toEqual([1, 3, 6]);
  });
  test("an expression object is computed once in its block, whatever is stored between", () => {
    const first = load(x, zeroIndex);
    const inPlace: Statement[] = [
      { kind: "store", buffer: x, index: zeroIndex, value: binary("add", first, literal("f32", 1)) },
      storeY(first, zeroIndex),
      storeY(load(x, zeroIndex), constantIndex(1)),
    ];
    expect(runOn([5, 0], inPlace).out).toEqual([5, 6]);
  });
  test("conditions, calls and gathers", () => {
    const p = indexVar("p");
    const double: LoopFunction = { name: "double", params: [p], body: [{ kind: "store", buffer: y, index: indexOf(p), value: binary("mul", load(x, indexOf(p)), literal("f32", 2)) }] };
    const body: Statement[] = [
      each([
        { kind: "call", func: double, args: [indexOf(i)] },
        ifStatement(compare("lt", load(x, indexOf(i)), literal("f32", 2)), [storeY(load(x, indexOf(convert("i32", load(x, indexOf(i))))))]),
      ]),
    ];
    expect(runOn([1, 0, 3], body, [double]).out).toEqual([0, 1, 6]);
  });
  test("the first failure is recorded and the call goes on", () => {
    const tooBig = compare("lt", literal("f32", 2), load(x, indexOf(i)));
    const body: Statement[] = [each([{ kind: "fail", cond: tooBig, code: 5 }, { kind: "fail", cond: tooBig, code: 6 }, storeY(literal("f32", 1))])];
    expect(runOn([1, 3, 9], body)).toEqual({ out: [1, 1, 1], status: 5 });
    expect(runOn([1], body).status).toBe(0);
  });
  test("copies", () => expect(runOn([1, 2, 3], [{ kind: "copy", from: x, fromOffset: constantIndex(1), to: y, toOffset: zeroIndex, size: constantSize(2) }]).out).toEqual([2, 3, 0]));
  test.each<[string, readonly Statement[]]>([
    ["load of x[3] is outside its 3 elements", [each([storeY(load(x, addIndexes(indexOf(i), constantIndex(1))))])]],
    ["load of x[-1] is outside its 3 elements", [each([storeY(load(x, addIndexes(indexOf(i), constantIndex(-1))))])]],
    ["store to y[4] is outside its 3 elements", [each([storeY(literal("f32", 1), scaleIndex(indexOf(i), 2))])]],
    ["load of x[7] is outside", [storeY(select(literal("bool", 1), literal("f32", 1), load(x, constantIndex(7))), zeroIndex)]],
    ["matrix element y[3] is outside", [{ kind: "copy", from: x, fromOffset: zeroIndex, to: y, toOffset: constantIndex(1), size: n }]],
  ])("%s", (message, body) => expect(() => runOn([1, 2, 3], body)).toThrow(message));

  test("constants hold their data, and temporaries begin as NaN", () => {
    const own = bufferMaker();
    const [c, t, out] = [own.make("c", "i32", 2, "constant", Int32Array.of(4, 5)), own.make("t", "f64", mulSizes(n, 2), "temporary"), own.make("out", "f64", 2, "output")];
    const body: Statement[] = [
      { kind: "store", buffer: out, index: zeroIndex, value: convert("f64", load(c, constantIndex(1))) },
      { kind: "store", buffer: out, index: constantIndex(1), value: load(t, constantIndex(5)) },
    ];
    const memory = new Float64Array(2);
    interpret(programOf(own.all, body), { sizes: new Map([["n", 3]]), buffers: new Map([[out, memory]]) }, "main");
    expect([...memory]).toEqual([5, NaN]);
  });
  test("what a call lacks is named", () => {
    const program = programOf(all, []);
    const given = { sizes: new Map([["n", 2]]), buffers: new Map<Buffer, Memory>([[x, new Float32Array(2)], [y, new Float32Array(2)]]) };
    expect(() => interpret(program, given, "other")).toThrow("program test has no entry other");
    expect(() => interpret(program, { ...given, sizes: none }, "main")).toThrow("no value for size n");
    expect(() => interpret(program, { ...given, buffers: new Map([[x, new Float32Array(2)]]) }, "main")).toThrow("no contents for buffer y");
    expect(() => interpret(program, { ...given, buffers: new Map<Buffer, Memory>([[x, new Float64Array(2)]]) }, "main")).toThrow("buffer x of f32 holds another type");
    expect(() => interpret(program, { ...given, buffers: new Map([[x, new Float32Array(1)]]) }, "main")).toThrow("buffer x holds 1 of 2 elements");
  });
});
