/**
 * How each operation becomes SIMD instructions. With 4 lanes every type has 32 bits. With 2 lanes f64 fills the register, f32 and i32
 * lie in its low half, and what their high half holds is of no account. A bool is a mask of all ones or zeros, 32 bits wide with
 * 4 lanes and 64 bits wide with 2.
 */
import type { BinaryOp, CompareOp, Expr, ScalarType, UnaryOp } from "../../loop-ir/types.ts";
import type { Code, Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { IntegerDivision } from "./kernels/division.ts";
import { type OpContext, pow2Shift, required } from "./scalar-ops.ts";

export interface VectorContext extends OpContext {
  readonly lanes: 2 | 4;
}
type Write = (c: VectorContext) => void;
type Row = Readonly<Partial<Record<ScalarType, Write>>>;

const plain =
  (...codes: readonly number[]): Write =>
  ({ code }) =>
    void code.op(...codes);

function withOperands(body: (c: Code, x: Local, y: Local) => void): Write {
  return ({ code, locals }) => {
    const [x, y] = [locals.fresh("v128"), locals.fresh("v128")];
    code.set(y).set(x);
    body(code, x, y);
  };
}

/** There is no SIMD division of integers: lane by lane. */
const divide =
  (kind: IntegerDivision): Write =>
  ({ code, locals, lanes, divide: index }) => {
    const [x, y] = [locals.fresh("v128"), locals.fresh("v128")];
    code.set(y).tee(x);
    for (let lane = 0; lane < lanes; lane++) {
      code
        .get(x)
        .lane(op.i32x4ExtractLane, lane)
        .get(y)
        .lane(op.i32x4ExtractLane, lane)
        .call(index(kind))
        .lane(op.i32x4ReplaceLane, lane);
    }
  };

/** The amount differs by lane, which the SIMD shifts do not offer. A constant amount is `shiftBy`. */
const shift =
  (code32: number): Write =>
  ({ code, locals, lanes }) => {
    const [x, y] = [locals.fresh("v128"), locals.fresh("v128")];
    code.set(y).tee(x);
    for (let lane = 0; lane < lanes; lane++) {
      code
        .get(x)
        .lane(op.i32x4ExtractLane, lane)
        .get(y)
        .lane(op.i32x4ExtractLane, lane)
        .op(code32)
        .lane(op.i32x4ReplaceLane, lane);
    }
  };

const exponentBias = { f32: 127, f64: 1023 } as const;

const unary: Readonly<Partial<Record<UnaryOp, Row>>> = {
  neg: { f32: plain(op.f32x4Neg), f64: plain(op.f64x2Neg), i32: plain(op.i32x4Neg) },
  abs: { f32: plain(op.f32x4Abs), f64: plain(op.f64x2Abs), i32: plain(op.i32x4Abs) },
  sqrt: { f32: plain(op.f32x4Sqrt), f64: plain(op.f64x2Sqrt) },
  floor: { f32: plain(op.f32x4Floor), f64: plain(op.f64x2Floor) },
  ceil: { f32: plain(op.f32x4Ceil), f64: plain(op.f64x2Ceil) },
  nearest: { f32: plain(op.f32x4Nearest), f64: plain(op.f64x2Nearest) },
  trunc: { f32: plain(op.f32x4Trunc), f64: plain(op.f64x2Trunc) },
  not: { bool: plain(op.v128Not) },
  exponent: {
    f32: ({ code }) => {
      code.i32(23).op(op.i32x4ShrU);
      splatI32(code, 255).op(op.v128And);
      splatI32(code, exponentBias.f32).op(op.i32x4Sub, op.f32x4ConvertI32x4S);
    },
    f64: ({ code }) => {
      code.i32(52).op(op.i64x2ShrU);
      narrow64(code);
      splatI32(code, 2047).op(op.v128And);
      splatI32(code, exponentBias.f64).op(op.i32x4Sub, op.f64x2ConvertLowI32x4S);
    },
  },
  mantissa: {
    f32: ({ code }) => {
      splatI32(code, 0x7fffff).op(op.v128And);
      splatI32(code, 0x3f800000).op(op.v128Or);
    },
    f64: ({ code }) => {
      code
        .v128(bytesOf64(0xfffffffffffffn))
        .op(op.v128And)
        .v128(bytesOf64(0x3ff0000000000000n))
        .op(op.v128Or);
    },
  },
  // The minimum and maximum of x86 give their second operand for NaN, so that NaN becomes the least exponent.
  pow2: {
    f32: ({ code, locals }) => {
      const n = locals.fresh("v128");
      code.set(n).v128(constantBytes("f32", -127)).get(n).op(op.f32x4Pmax).set(n);
      code
        .v128(constantBytes("f32", 128))
        .get(n)
        .op(op.f32x4Pmin)
        .v128(constantBytes("f32", pow2Shift.f32))
        .op(op.f32x4Add)
        .i32(23)
        .op(op.i32x4Shl);
    },
    f64: ({ code, locals }) => {
      const n = locals.fresh("v128");
      code.set(n).v128(constantBytes("f64", -1023)).get(n).op(op.f64x2Pmax).set(n);
      code
        .v128(constantBytes("f64", 1024))
        .get(n)
        .op(op.f64x2Pmin)
        .v128(constantBytes("f64", pow2Shift.f64))
        .op(op.f64x2Add)
        .i32(52)
        .op(op.i64x2Shl);
    },
  },
};

const arithmetic = (f32: number, f64: number, i32: Write): Row => ({
  f32: plain(f32),
  f64: plain(f64),
  i32,
});

const binary: Readonly<Partial<Record<BinaryOp, Row>>> = {
  add: arithmetic(op.f32x4Add, op.f64x2Add, plain(op.i32x4Add)),
  sub: arithmetic(op.f32x4Sub, op.f64x2Sub, plain(op.i32x4Sub)),
  mul: arithmetic(op.f32x4Mul, op.f64x2Mul, plain(op.i32x4Mul)),
  div: arithmetic(op.f32x4Div, op.f64x2Div, divide("div")),
  min: arithmetic(op.f32x4Min, op.f64x2Min, plain(op.i32x4MinS)),
  max: arithmetic(op.f32x4Max, op.f64x2Max, plain(op.i32x4MaxS)),
  floorDiv: { i32: divide("floorDiv") },
  mod: { i32: divide("mod") },
  bitAnd: { i32: plain(op.v128And) },
  bitOr: { i32: plain(op.v128Or) },
  bitXor: { i32: plain(op.v128Xor) },
  shiftLeft: { i32: shift(op.i32Shl) },
  shiftRight: { i32: shift(op.i32ShrU) },
  mulHigh: {
    i32: withOperands((c, x, y) =>
      c
        .get(x, y)
        .op(op.i64x2ExtmulLowI32x4U)
        .get(x, y)
        .op(op.i64x2ExtmulHighI32x4U)
        .shuffle32(1, 3, 5, 7),
    ),
  },
  and: { bool: plain(op.v128And) },
  or: { bool: plain(op.v128Or) },
  xor: { bool: plain(op.v128Xor) },
};

/** Masks order the other way round: true is -1. */
const compare: Readonly<Record<CompareOp, Readonly<Record<ScalarType, Write>>>> = {
  lt: {
    f32: mask32(op.f32x4Lt),
    f64: plain(op.f64x2Lt),
    i32: mask32(op.i32x4LtS),
    bool: withOperands((c, x, y) => c.get(y, x).op(op.v128AndNot)),
  },
  le: {
    f32: mask32(op.f32x4Le),
    f64: plain(op.f64x2Le),
    i32: mask32(op.i32x4LeS),
    bool: withOperands((c, x, y) => c.get(y, x).op(op.v128Not, op.v128Or)),
  },
  eq: {
    f32: mask32(op.f32x4Eq),
    f64: plain(op.f64x2Eq),
    i32: mask32(op.i32x4Eq),
    bool: plain(op.v128Xor, op.v128Not),
  },
  ne: {
    f32: mask32(op.f32x4Ne),
    f64: plain(op.f64x2Ne),
    i32: mask32(op.i32x4Ne),
    bool: plain(op.v128Xor),
  },
};

const convert: Readonly<Record<ScalarType, Readonly<Record<ScalarType, Write>>>> = {
  f32: {
    f32: plain(),
    f64: plain(op.f64x2PromoteLowF32x4),
    i32: plain(op.i32x4TruncSatF32x4S),
    bool: notZero(op.f32x4Ne),
  },
  f64: {
    f32: plain(op.f32x4DemoteF64x2Zero),
    f64: plain(),
    i32: plain(op.i32x4TruncSatF64x2SZero),
    bool: ({ code }) => void code.v128(new Uint8Array(16)).op(op.f64x2Ne),
  },
  i32: {
    f32: plain(op.f32x4ConvertI32x4S),
    f64: plain(op.f64x2ConvertLowI32x4S),
    i32: plain(),
    bool: notZero(op.i32x4Ne),
  },
  bool: {
    f32: (c) => {
      narrowMask(c);
      splatI32(c.code, 0x3f800000).op(op.v128And);
    },
    f64: ({ code }) => void code.v128(bytesOf64(0x3ff0000000000000n)).op(op.v128And),
    i32: (c) => {
      narrowMask(c);
      splatI32(c.code, 1).op(op.v128And);
    },
    bool: plain(),
  },
};

/** A comparison of 32-bit lanes, widened to the mask's width. */
function mask32(code32: number): Write {
  return (c) => {
    c.code.op(code32);
    widenMask(c);
  };
}

function notZero(code32: number): Write {
  return (c) => {
    c.code.v128(new Uint8Array(16)).op(code32);
    widenMask(c);
  };
}

/** From 32-bit masks to the width of a bool. */
export function widenMask(c: { readonly code: Code; readonly lanes: 2 | 4 }): void {
  if (c.lanes === 2) c.code.op(op.i64x2ExtendLowI32x4S);
}

/** From a bool to 32-bit masks. */
export function narrowMask(c: {
  readonly code: Code;
  readonly locals: OpContext["locals"];
  readonly lanes: 2 | 4;
}): void {
  if (c.lanes === 2) narrow64(c.code);
}

/** The low words of the two halves, twice. */
function narrow64(code: Code): void {
  code.v128(new Uint8Array(16)).shuffle32(0, 2, 0, 2);
}

function splatI32(code: Code, value: number): Code {
  return code.v128(constantBytes("i32", value));
}

/** A vector of equal lanes. */
export function constantBytes(type: ScalarType, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  for (let at = 0; at < 16; at += type === "f64" ? 8 : 4) {
    if (type === "f32") view.setFloat32(at, value, true);
    else if (type === "f64") view.setFloat64(at, value, true);
    else view.setInt32(at, type === "bool" ? -value : value, true);
  }
  return new Uint8Array(view.buffer);
}

function bytesOf64(bits: bigint): Uint8Array {
  return new Uint8Array(new BigUint64Array([bits, bits]).buffer);
}

/** @throws INTERNAL for an operation that should have been legalised */
export function writeVectorUnary(c: VectorContext, name: UnaryOp, type: ScalarType): void {
  required(unary[name]?.[type], name, type)(c);
}

/** @throws INTERNAL for an operation that should have been legalised */
export function writeVectorBinary(c: VectorContext, name: BinaryOp, type: ScalarType): void {
  required(binary[name]?.[type], name, type)(c);
}

/** `type` is that of the operands. */
export function writeVectorCompare(c: VectorContext, name: CompareOp, type: ScalarType): void {
  compare[name][type](c);
}

export function writeVectorConvert(c: VectorContext, from: ScalarType, to: ScalarType): void {
  convert[from][to](c);
}

/** `x < y ? x : y` and `x < y ? y : x` of floats are one instruction, the minimum and maximum of x86. */
export function writeVectorChoice(
  c: VectorContext,
  choice: Extract<Expr, { kind: "select" }>,
  operand: (e: Expr) => void,
): boolean {
  const { cond, type } = choice;
  if (cond.kind !== "compare" || cond.op !== "lt" || (type !== "f32" && type !== "f64"))
    return false;
  if (choice.x === cond.x && choice.y === cond.y) {
    operand(cond.y);
    operand(cond.x);
    c.code.op(type === "f32" ? op.f32x4Pmin : op.f64x2Pmin);
    return true;
  }
  if (choice.x !== cond.y || choice.y !== cond.x) return false;
  operand(cond.x);
  operand(cond.y);
  c.code.op(type === "f32" ? op.f32x4Pmax : op.f64x2Pmax);
  return true;
}

/** A shift of all lanes by the amount on the stack, an i32. */
export function writeShiftBy(code: Code, name: "shiftLeft" | "shiftRight"): void {
  code.op(name === "shiftLeft" ? op.i32x4Shl : op.i32x4ShrU);
}

/** A vector whose lanes all hold the scalar on the stack. */
export function writeSplat(
  c: { readonly code: Code; readonly lanes: 2 | 4 },
  type: ScalarType,
): void {
  if (type === "f32") c.code.op(op.f32x4Splat);
  else if (type === "f64") c.code.op(op.f64x2Splat);
  else if (type === "i32") c.code.op(op.i32x4Splat);
  else {
    c.code.op(op.i32x4Splat, op.i32x4Neg);
    // A narrow mask in every word is a wide mask too.
  }
}
