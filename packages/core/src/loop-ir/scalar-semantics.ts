/**
 * What each scalar operation means, on the host. Values are numbers: f32 values are always rounded, i32 values are signed, bool is 0
 * or 1. Floats follow WebAssembly: min and max pass NaN on and order -0 below +0, nearest rounds half to even. i32 wraps; a division or
 * remainder by zero is 0; shifts count modulo 32. Elementary functions (exp, tanh, ...) are not here: they mean their expansion.
 */
import type { BinaryOp, CompareOp, ScalarType, UnaryOp } from "./types.ts";

export type Meaning1 = (x: number) => number;
export type Meaning2 = (x: number, y: number) => number;

const word = new DataView(new ArrayBuffer(8));

function nearestEven(x: number): number {
  const whole = 4503599627370496; // 2^52: from here on every number is whole
  const a = Math.abs(x);
  if (!(a < whole)) return x;
  const rounded = a + whole - whole;
  return x < 0 || Object.is(x, -0) ? -rounded : rounded;
}

/** floor(log2 |x|) of a normal number; -127 or -1023 for zero and subnormals, 128 or 1024 for infinities and NaN. */
function exponent32(x: number): number {
  word.setFloat32(0, x);
  return ((word.getInt32(0) >>> 23) & 0xff) - 127;
}
function exponent64(x: number): number {
  word.setFloat64(0, x);
  return ((word.getInt32(0) >>> 20) & 0x7ff) - 1023;
}

/** The significand of |x| in [1, 2): the fraction bits below the exponent of 1, whatever x is. */
function mantissa32(x: number): number {
  word.setFloat32(0, x);
  word.setInt32(0, (word.getInt32(0) & 0x007fffff) | 0x3f800000);
  return word.getFloat32(0);
}
function mantissa64(x: number): number {
  word.setFloat64(0, x);
  word.setInt32(0, (word.getInt32(0) & 0x000fffff) | 0x3ff00000);
  return word.getFloat64(0);
}

/** 2^n of a whole n: infinity from 128 or 1024 on; 0 from -127 or -1023 down, and of NaN. */
function pow2f32(n: number): number {
  if (!(n > -127)) return 0;
  word.setInt32(0, (Math.min(n, 128) + 127) << 23);
  return word.getFloat32(0);
}
function pow2f64(n: number): number {
  if (!(n > -1023)) return 0;
  word.setInt32(0, (Math.min(n, 1024) + 1023) << 20);
  word.setInt32(4, 0);
  return word.getFloat64(0);
}

const round = Math.fround;
const missing = undefined;

/** Meanings by operation and type; `undefined` where the operation has no such type, or means its expansion. */
const unaryTable: Readonly<
  Record<
    UnaryOp,
    {
      readonly f32: Meaning1 | undefined;
      readonly f64: Meaning1 | undefined;
      readonly i32?: Meaning1;
      readonly bool?: Meaning1;
    }
  >
> = {
  neg: { f32: (x) => -x, f64: (x) => -x, i32: (x) => (0 - x) | 0 },
  abs: { f32: Math.abs, f64: Math.abs, i32: (x) => Math.abs(x) | 0 },
  sqrt: { f32: (x) => round(Math.sqrt(x)), f64: Math.sqrt },
  floor: { f32: Math.floor, f64: Math.floor },
  ceil: { f32: Math.ceil, f64: Math.ceil },
  nearest: { f32: nearestEven, f64: nearestEven },
  trunc: { f32: Math.trunc, f64: Math.trunc },
  not: { f32: missing, f64: missing, bool: (x) => 1 - x },
  exponent: { f32: exponent32, f64: exponent64 },
  mantissa: { f32: mantissa32, f64: mantissa64 },
  pow2: { f32: pow2f32, f64: pow2f64 },
  exp: { f32: missing, f64: missing },
  log: { f32: missing, f64: missing },
  log1p: { f32: missing, f64: missing },
  expm1: { f32: missing, f64: missing },
  tanh: { f32: missing, f64: missing },
  sigmoid: { f32: missing, f64: missing },
  erf: { f32: missing, f64: missing },
  sin: { f32: missing, f64: missing },
  cos: { f32: missing, f64: missing },
};

/** The high word of the product of two unsigned words. */
function mulHigh(x: number, y: number): number {
  const [xl, xh, yl, yh] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16];
  const middle = xh * yl + ((xl * yl) >>> 16);
  const carry = (middle & 0xffff) + xl * yh;
  return (xh * yh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) | 0;
}

function remainder(x: number, y: number): number {
  if (y === 0) return 0;
  const r = (x % y) | 0;
  return r !== 0 && r < 0 !== y < 0 ? r + y : r;
}

const floats = (f: Meaning2): { readonly f32: Meaning2; readonly f64: Meaning2 } => ({
  f32: (x, y) => round(f(x, y)),
  f64: f,
});
const words = (f: Meaning2): { readonly i32: Meaning2 } => ({ i32: f });
const bools = (f: Meaning2): { readonly bool: Meaning2 } => ({ bool: f });

const binaryTable: Readonly<Record<BinaryOp, Partial<Record<ScalarType, Meaning2>>>> = {
  add: { ...floats((x, y) => x + y), i32: (x, y) => (x + y) | 0 },
  sub: { ...floats((x, y) => x - y), i32: (x, y) => (x - y) | 0 },
  mul: { ...floats((x, y) => x * y), i32: Math.imul },
  div: { ...floats((x, y) => x / y), i32: (x, y) => (y === 0 ? 0 : (x / y) | 0) },
  min: { f32: Math.min, f64: Math.min, i32: Math.min },
  max: { f32: Math.max, f64: Math.max, i32: Math.max },
  pow: {},
  floorDiv: {
    f32: (x, y) => Math.floor(round(x / y)),
    f64: (x, y) => Math.floor(x / y),
    i32: (x, y) => (y === 0 ? 0 : Math.floor(x / y) | 0),
  },
  mod: {
    f32: (x, y) => round(x - round(Math.floor(round(x / y)) * y)),
    f64: (x, y) => x - Math.floor(x / y) * y,
    i32: remainder,
  },
  bitAnd: words((x, y) => x & y),
  bitOr: words((x, y) => x | y),
  bitXor: words((x, y) => x ^ y),
  shiftLeft: words((x, y) => x << y),
  shiftRight: words((x, y) => (x >>> y) | 0),
  mulHigh: words(mulHigh),
  and: bools((x, y) => x & y),
  or: bools((x, y) => x | y),
  xor: bools((x, y) => x ^ y),
};

/** What a unary operation computes; undefined when it has no such type, or means its expansion. */
export const unaryMeaning = (op: UnaryOp, type: ScalarType): Meaning1 | undefined =>
  unaryTable[op][type];

/** What a binary operation computes; undefined when it has no such type, or means its expansion. */
export const binaryMeaning = (op: BinaryOp, type: ScalarType): Meaning2 | undefined =>
  binaryTable[op][type];

/** Comparisons with NaN are false, but `ne` is true. */
export const compareMeanings: Readonly<Record<CompareOp, Meaning2>> = {
  lt: (x, y) => (x < y ? 1 : 0),
  le: (x, y) => (x <= y ? 1 : 0),
  eq: (x, y) => (x === y ? 1 : 0),
  ne: (x, y) => (x === y ? 0 : 1),
};

const sameValue: Meaning1 = (x) => x;

/** The conversion between two types: see `convert`. */
export function convertMeaning(to: ScalarType, from: ScalarType): Meaning1 {
  if (to === from) return sameValue;
  switch (to) {
    case "bool":
      return (x) => (x === 0 ? 0 : 1);
    case "i32":
      return from === "bool" ? sameValue : saturate;
    case "f32":
      return from === "bool" ? sameValue : round;
    case "f64":
      return sameValue;
    default:
      return to satisfies never;
  }
}

function saturate(x: number): number {
  if (x >= 2147483647) return 2147483647;
  return x <= -2147483648 ? -2147483648 : x | 0;
}
