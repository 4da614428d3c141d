/**
 * Constructors of scalar expressions. They infer types and refuse ill-typed operands; they never simplify, because a
 * simplification could change bits.
 */
import { InternalError } from "../errors/errors.ts";
import type {
  BinaryOp,
  Buffer,
  CompareOp,
  Expr,
  Index,
  ScalarType,
  ScalarVar,
  Statement,
  UnaryOp,
} from "./types.ts";

const numeric: readonly ScalarType[] = ["f32", "f64", "i32"];
const floating: readonly ScalarType[] = ["f32", "f64"];
const integer: readonly ScalarType[] = ["i32"];
const logical: readonly ScalarType[] = ["bool"];

/** The operand types that each unary operation accepts; its result has the same type. */
export const unaryTypes: Readonly<Record<UnaryOp, readonly ScalarType[]>> = {
  neg: numeric,
  abs: numeric,
  sqrt: floating,
  floor: floating,
  ceil: floating,
  nearest: floating,
  trunc: floating,
  exp: floating,
  log: floating,
  log1p: floating,
  expm1: floating,
  tanh: floating,
  sigmoid: floating,
  erf: floating,
  sin: floating,
  cos: floating,
  not: logical,
  exponent: floating,
  mantissa: floating,
  pow2: floating,
};

/** The operand types that each binary operation accepts; both operands and the result have the same type. */
export const binaryTypes: Readonly<Record<BinaryOp, readonly ScalarType[]>> = {
  add: numeric,
  sub: numeric,
  mul: numeric,
  div: numeric,
  min: numeric,
  max: numeric,
  pow: floating,
  floorDiv: numeric,
  mod: numeric,
  bitAnd: integer,
  bitOr: integer,
  bitXor: integer,
  shiftLeft: integer,
  shiftRight: integer,
  mulHigh: integer,
  and: logical,
  or: logical,
  xor: logical,
};

/** True for f32 and f64. */
export function isFloat(type: ScalarType): type is "f32" | "f64" {
  return type === "f32" || type === "f64";
}

/**
 * A constant. f32 values are rounded; i32 values may be written signed or unsigned and are stored signed; bool is 0 or 1.
 * @throws INTERNAL when the type cannot hold the value
 */
export function literal(type: ScalarType, value: number | boolean): Expr {
  const number = Number(value);
  if (type === "f32") return { kind: "const", type, value: Math.fround(number) };
  if (type === "i32") {
    if (!Number.isInteger(number) || number < -0x80000000 || number > 0xffffffff)
      throw new InternalError(`${number} is not an i32`);
    return { kind: "const", type, value: number | 0 };
  }
  if (type === "bool" && number !== 0 && number !== 1)
    throw new InternalError(`${number} is not a bool`);
  return { kind: "const", type, value: number };
}

/** A fresh scalar local. */
export function scalarVar(name: string, type: ScalarType): ScalarVar {
  return { kind: "scalarVar", name, type };
}

/** The current value of a local. */
export function readVar(v: ScalarVar): Expr {
  return { kind: "read", type: v.type, var: v };
}

/** The element of `buffer` at `index`. */
export function load(buffer: Buffer, index: Index): Expr {
  return { kind: "load", type: buffer.type, buffer, index };
}

/** The value of `index` itself, as an i32. */
export function positionOf(index: Index): Expr {
  return { kind: "position", type: "i32", index };
}

/** @throws INTERNAL when the operand's type does not fit the operation */
export function unary(op: UnaryOp, x: Expr): Expr {
  if (!unaryTypes[op].includes(x.type)) throw new InternalError(`${op} of ${x.type}`);
  return { kind: "unary", type: x.type, op, x };
}

/** @throws INTERNAL when the operands' types differ or do not fit the operation */
export function binary(op: BinaryOp, x: Expr, y: Expr): Expr {
  if (x.type !== y.type || !binaryTypes[op].includes(x.type))
    throw new InternalError(`${op} of ${x.type} and ${y.type}`);
  return { kind: "binary", type: x.type, op, x, y };
}

/** A comparison of two values of one type. @throws INTERNAL when the types differ */
export function compare(op: CompareOp, x: Expr, y: Expr): Expr {
  if (x.type !== y.type) throw new InternalError(`${op} of ${x.type} and ${y.type}`);
  return { kind: "compare", type: "bool", op, x, y };
}

/** `cond ? x : y`; both sides are computed. @throws INTERNAL on a condition that is no bool or on sides of two types */
export function select(cond: Expr, x: Expr, y: Expr): Expr {
  if (cond.type !== "bool") throw new InternalError(`select on ${cond.type}`);
  if (x.type !== y.type) throw new InternalError(`select of ${x.type} and ${y.type}`);
  return { kind: "select", type: x.type, cond, x, y };
}

/**
 * `x` as another type; `x` itself when it has the type already. Float to i32 truncates, saturates, and makes NaN 0; anything to
 * bool is `x != 0`; i32 to f32 and f64 to f32 round to nearest even.
 */
export function convert(type: ScalarType, x: Expr): Expr {
  return x.type === type ? x : { kind: "convert", type, x };
}

/** The statements `body` where `cond` holds. @throws INTERNAL on a condition that is no bool */
export function ifStatement(cond: Expr, body: readonly Statement[]): Statement {
  if (cond.type !== "bool") throw new InternalError(`if on ${cond.type}`);
  // oxlint-disable-next-line unicorn/no-thenable -- a list, which nobody awaits
  return { kind: "if", cond, then: body };
}
