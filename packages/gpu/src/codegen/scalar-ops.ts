/** How WGSL says each scalar operation. A missing row does not compile; an empty one is an operation that legalisation expands. */
import {
  InternalError,
  type BinaryOp,
  type CompareOp,
  type UnaryOp,
} from "@scan-train/core/backend-kit";
import type { GpuType } from "./device-traits.ts";
import type { HelperName } from "./helpers.ts";
import { bare } from "./lines.ts";

/** Marks a helper as used and gives its name. */
export type UseHelper = (name: HelperName) => string;

type Write1 = (x: string, use: UseHelper) => string;
type Write2 = (x: string, y: string, use: UseHelper) => string;
type Row<W> = Readonly<Partial<Record<GpuType, W>>>;

const prefix =
  (sign: string): Write1 =>
  (x) =>
    `(${sign}${x})`;
const builtin =
  (name: string): Write1 =>
  (x) =>
    `${name}(${bare(x)})`;
const helper =
  (name: HelperName): Write1 =>
  (x, use) =>
    `${use(name)}(${bare(x)})`;
const infix =
  (sign: string): Write2 =>
  (x, y) =>
    `(${x} ${sign} ${y})`;
const builtin2 =
  (name: string): Write2 =>
  (x, y) =>
    `${name}(${bare(x)}, ${bare(y)})`;
const helper2 =
  (name: HelperName): Write2 =>
  (x, y, use) =>
    `${use(name)}(${bare(x)}, ${bare(y)})`;
const expanded = {};

const unary: Readonly<Record<UnaryOp, Row<Write1>>> = {
  neg: { f32: prefix("-"), i32: prefix("-") },
  abs: { f32: builtin("abs"), i32: builtin("abs") },
  sqrt: { f32: helper("sqrt_f32") },
  floor: { f32: builtin("floor") },
  ceil: { f32: builtin("ceil") },
  nearest: { f32: builtin("round") },
  trunc: { f32: builtin("trunc") },
  not: { bool: prefix("!") },
  exponent: { f32: helper("exponent_of") },
  mantissa: { f32: helper("mantissa_of") },
  pow2: { f32: helper("pow2") },
  exp: expanded,
  log: expanded,
  log1p: expanded,
  expm1: expanded,
  tanh: expanded,
  sigmoid: expanded,
  erf: expanded,
  sin: expanded,
  cos: expanded,
};

const binary: Readonly<Record<BinaryOp, Row<Write2>>> = {
  add: { f32: infix("+"), i32: infix("+") },
  sub: { f32: infix("-"), i32: infix("-") },
  mul: { f32: infix("*"), i32: infix("*") },
  div: { f32: infix("/"), i32: helper2("div_i32") },
  min: { f32: helper2("min_f32"), i32: builtin2("min") },
  max: { f32: helper2("max_f32"), i32: builtin2("max") },
  pow: expanded,
  floorDiv: { i32: helper2("floor_div_i32") },
  mod: { i32: helper2("mod_i32") },
  bitAnd: { i32: infix("&") },
  bitOr: { i32: infix("|") },
  bitXor: { i32: infix("^") },
  shiftLeft: { i32: helper2("shift_left") },
  shiftRight: { i32: helper2("shift_right") },
  mulHigh: { i32: helper2("mul_high") },
  and: { bool: infix("&") },
  or: { bool: infix("|") },
  xor: { bool: infix("!=") },
};

/** One text on both sides is a test for NaN, which a compiler may fold away unless it is made on bits. */
const equal: Write2 = (x, y, use) =>
  x === y ? `(!${use("is_nan")}(${bare(x)}))` : `(${x} == ${y})`;
const unequal: Write2 = (x, y, use) =>
  x === y ? `${use("is_nan")}(${bare(x)})` : `${use("differs")}(${bare(x)}, ${bare(y)})`;

const compare: Readonly<Record<CompareOp, Readonly<Record<GpuType, Write2>>>> = {
  lt: { f32: infix("<"), i32: infix("<"), bool: (x, y) => `(!${x} & ${y})` },
  le: { f32: infix("<="), i32: infix("<="), bool: (x, y) => `(!${x} | ${y})` },
  eq: { f32: equal, i32: infix("=="), bool: infix("==") },
  ne: { f32: unequal, i32: infix("!="), bool: infix("!=") },
};

/** From each type to each. */
const convert: Readonly<Record<GpuType, Readonly<Record<GpuType, Write1>>>> = {
  f32: { f32: (x) => x, i32: helper("to_i32"), bool: helper("is_nonzero") },
  i32: { f32: builtin("f32"), i32: (x) => x, bool: (x) => `(${x} != 0i)` },
  bool: { f32: builtin("f32"), i32: builtin("i32"), bool: (x) => x },
};

/** @throws INTERNAL for an operation that should have been legalised */
export function writeUnary(op: UnaryOp, type: GpuType, x: string, use: UseHelper): string {
  return required(unary[op][type], op, type)(x, use);
}

/** @throws INTERNAL for an operation that should have been legalised */
export function writeBinary(
  op: BinaryOp,
  type: GpuType,
  [x, y]: readonly [string, string],
  use: UseHelper,
): string {
  return required(binary[op][type], op, type)(x, y, use);
}

/** `type` is that of the operands. */
export function writeCompare(
  op: CompareOp,
  type: GpuType,
  [x, y]: readonly [string, string],
  use: UseHelper,
): string {
  return compare[op][type](x, y, use);
}

export function writeConvert(from: GpuType, to: GpuType, x: string, use: UseHelper): string {
  return convert[from][to](x, use);
}

function required<W>(write: W | undefined, op: string, type: GpuType): W {
  if (write === undefined)
    throw new InternalError(`WGSL has no ${op} of ${type}; was the program legalised?`);
  return write;
}
