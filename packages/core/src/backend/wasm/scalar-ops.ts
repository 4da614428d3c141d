/** How each scalar operation becomes instructions. Operands are on the stack; a bool is 0 or 1 in an i32. */
import { InternalError } from "../../errors/errors.ts";
import type { BinaryOp, CompareOp, ScalarType, UnaryOp } from "../../loop-ir/types.ts";
import type { Code, Locals } from "./encoder/code.ts";
import { op, type ValueType } from "./encoder/opcodes.ts";
import type { IntegerDivision } from "./kernels/division.ts";

/** What writing an operation may need beside the stack. */
export interface OpContext {
  readonly code: Code;
  readonly locals: Locals;
  readonly divide: (kind: IntegerDivision) => number;
}
type Write = (c: OpContext) => void;

/** The wasm type of a scalar. */
export function valueTypeOf(type: ScalarType): Exclude<ValueType, "v128" | "i64"> {
  return type === "bool" ? "i32" : type;
}

const plain =
  (...codes: readonly number[]): Write =>
  ({ code }) =>
    void code.op(...codes);
const divide =
  (kind: IntegerDivision): Write =>
  ({ code, divide: index }) =>
    void code.call(index(kind));

/** Names the two operands on the stack and gives them to `body`. */
function withOperands(
  type: ValueType,
  body: (c: Code, x: ReturnType<Locals["fresh"]>, y: ReturnType<Locals["fresh"]>) => void,
): Write {
  return ({ code, locals }) => {
    const [x, y] = [locals.fresh(type), locals.fresh(type)];
    code.set(y).set(x);
    body(code, x, y);
  };
}
const smallerOrLarger = (compare: number): Write =>
  withOperands("i32", (c, x, y) => c.get(x, y, x, y).op(compare, op.select));

/**
 * Added to a whole n in the range of exponents, it leaves n plus the bias of exponents in the low bits of the sum, whose other bits a
 * shift to the place of the exponent drops: 1.5 times 2^23 or 2^52, plus 127 or 1023.
 */
export const pow2Shift = { f32: 12583039, f64: 6755399441056767 } as const;

type Row<T extends ScalarType> = Readonly<Partial<Record<T, Write>>>;

/** Operations that the legaliser expands have no row. */
const unary: Readonly<Partial<Record<UnaryOp, Row<ScalarType>>>> = {
  neg: {
    f32: plain(op.f32Neg),
    f64: plain(op.f64Neg),
    i32: ({ code }) => void code.i32(-1).op(op.i32Mul),
  },
  abs: {
    f32: plain(op.f32Abs),
    f64: plain(op.f64Abs),
    i32: ({ code, locals }) => {
      const [x, sign] = [locals.fresh("i32"), locals.fresh("i32")];
      code.tee(x).i32(31).op(op.i32ShrS).tee(sign).get(x).op(op.i32Xor).get(sign).op(op.i32Sub);
    },
  },
  sqrt: { f32: plain(op.f32Sqrt), f64: plain(op.f64Sqrt) },
  floor: { f32: plain(op.f32Floor), f64: plain(op.f64Floor) },
  ceil: { f32: plain(op.f32Ceil), f64: plain(op.f64Ceil) },
  nearest: { f32: plain(op.f32Nearest), f64: plain(op.f64Nearest) },
  trunc: { f32: plain(op.f32Trunc), f64: plain(op.f64Trunc) },
  not: { bool: plain(op.i32Eqz) },
  exponent: {
    f32: ({ code }) =>
      void code
        .op(op.i32ReinterpretF32)
        .i32(23)
        .op(op.i32ShrU)
        .i32(255)
        .op(op.i32And)
        .i32(127)
        .op(op.i32Sub, op.f32ConvertI32S),
    f64: ({ code }) =>
      void code
        .op(op.i64ReinterpretF64)
        .i64(52n)
        .op(op.i64ShrU, op.i32WrapI64)
        .i32(2047)
        .op(op.i32And)
        .i32(1023)
        .op(op.i32Sub, op.f64ConvertI32S),
  },
  mantissa: {
    f32: ({ code }) =>
      void code
        .op(op.i32ReinterpretF32)
        .i32(0x7fffff)
        .op(op.i32And)
        .i32(0x3f800000)
        .op(op.i32Or, op.f32ReinterpretI32),
    f64: ({ code }) =>
      void code
        .op(op.i64ReinterpretF64)
        .i64(0xfffffffffffffn)
        .op(op.i64And)
        .i64(0x3ff0000000000000n)
        .op(op.i64Or, op.f64ReinterpretI64),
  },
  pow2: {
    f32: ({ code, locals }) => {
      const n = locals.fresh("f32");
      code.tee(n).f32(-127).get(n).f32(-127).op(op.f32Gt, op.select).f32(128).op(op.f32Min);
      code
        .f32(pow2Shift.f32)
        .op(op.f32Add, op.i32ReinterpretF32)
        .i32(23)
        .op(op.i32Shl, op.f32ReinterpretI32);
    },
    f64: ({ code, locals }) => {
      const n = locals.fresh("f64");
      code.tee(n).f64(-1023).get(n).f64(-1023).op(op.f64Gt, op.select).f64(1024).op(op.f64Min);
      code
        .f64(pow2Shift.f64)
        .op(op.f64Add, op.i64ReinterpretF64)
        .i64(52n)
        .op(op.i64Shl, op.f64ReinterpretI64);
    },
  },
};

const arithmetic = (f32: number, f64: number, i32: Write): Row<ScalarType> => ({
  f32: plain(f32),
  f64: plain(f64),
  i32,
});

const binary: Readonly<Partial<Record<BinaryOp, Row<ScalarType>>>> = {
  add: arithmetic(op.f32Add, op.f64Add, plain(op.i32Add)),
  sub: arithmetic(op.f32Sub, op.f64Sub, plain(op.i32Sub)),
  mul: arithmetic(op.f32Mul, op.f64Mul, plain(op.i32Mul)),
  div: arithmetic(op.f32Div, op.f64Div, divide("div")),
  min: arithmetic(op.f32Min, op.f64Min, smallerOrLarger(op.i32LtS)),
  max: arithmetic(op.f32Max, op.f64Max, smallerOrLarger(op.i32GtS)),
  floorDiv: { i32: divide("floorDiv") },
  mod: { i32: divide("mod") },
  bitAnd: { i32: plain(op.i32And) },
  bitOr: { i32: plain(op.i32Or) },
  bitXor: { i32: plain(op.i32Xor) },
  shiftLeft: { i32: plain(op.i32Shl) },
  shiftRight: { i32: plain(op.i32ShrU) },
  mulHigh: {
    i32: withOperands("i32", (c, x, y) =>
      c
        .get(x)
        .op(op.i64ExtendI32U)
        .get(y)
        .op(op.i64ExtendI32U, op.i64Mul)
        .i64(32n)
        .op(op.i64ShrU, op.i32WrapI64),
    ),
  },
  and: { bool: plain(op.i32And) },
  or: { bool: plain(op.i32Or) },
  xor: { bool: plain(op.i32Xor) },
};

const compare: Readonly<Record<CompareOp, Readonly<Record<ScalarType, number>>>> = {
  lt: { f32: op.f32Lt, f64: op.f64Lt, i32: op.i32LtS, bool: op.i32LtS },
  le: { f32: op.f32Le, f64: op.f64Le, i32: op.i32LeS, bool: op.i32LeS },
  eq: { f32: op.f32Eq, f64: op.f64Eq, i32: op.i32Eq, bool: op.i32Eq },
  ne: { f32: op.f32Ne, f64: op.f64Ne, i32: op.i32Ne, bool: op.i32Ne },
};

const convert: Readonly<Record<ScalarType, Readonly<Record<ScalarType, Write>>>> = {
  f32: {
    f32: plain(),
    f64: plain(op.f64PromoteF32),
    i32: plain(op.i32TruncSatF32S),
    bool: ({ code }) => void code.f32(0).op(op.f32Ne),
  },
  f64: {
    f32: plain(op.f32DemoteF64),
    f64: plain(),
    i32: plain(op.i32TruncSatF64S),
    bool: ({ code }) => void code.f64(0).op(op.f64Ne),
  },
  i32: {
    f32: plain(op.f32ConvertI32S),
    f64: plain(op.f64ConvertI32S),
    i32: plain(),
    bool: ({ code }) => void code.i32(0).op(op.i32Ne),
  },
  bool: {
    f32: plain(op.f32ConvertI32S),
    f64: plain(op.f64ConvertI32S),
    i32: plain(),
    bool: plain(),
  },
};

/** @throws INTERNAL for an operation that should have been legalised */
export function writeScalarUnary(c: OpContext, name: UnaryOp, type: ScalarType): void {
  required(unary[name]?.[type], name, type)(c);
}

/** @throws INTERNAL for an operation that should have been legalised */
export function writeScalarBinary(c: OpContext, name: BinaryOp, type: ScalarType): void {
  required(binary[name]?.[type], name, type)(c);
}

/** `type` is that of the operands. */
export function writeScalarCompare(c: OpContext, name: CompareOp, type: ScalarType): void {
  c.code.op(compare[name][type]);
}

export function writeScalarConvert(c: OpContext, from: ScalarType, to: ScalarType): void {
  convert[from][to](c);
}

export function writeScalarConst(code: Code, type: ScalarType, value: number): void {
  if (type === "f32") code.f32(value);
  else if (type === "f64") code.f64(value);
  else code.i32(value);
}

/** A row of a table of operations. @throws INTERNAL when there is none */
export function required<T>(row: T | undefined, name: string, type: ScalarType): T {
  if (row === undefined)
    throw new InternalError(
      `the wasm backend has no ${name} of ${type}; was the program legalised?`,
    );
  return row;
}
