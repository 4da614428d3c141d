/** Which expansion stands for which operation; an operation without a row has none. */
import { binary, unary } from "../build.ts";
import type { BinaryOp, Expr, UnaryOp } from "../types.ts";
import { expandErf } from "./erf.ts";
import { expandExp, expandExpm1, expandSigmoid, expandTanh } from "./exp.ts";
import { expandLog, expandLog1p } from "./log.ts";
import { expandPow } from "./pow.ts";
import { expandCos, expandSin } from "./trig.ts";

const unaryExpansions: Readonly<Partial<Record<UnaryOp, (x: Expr) => Expr>>> = {
  exp: expandExp,
  expm1: expandExpm1,
  tanh: expandTanh,
  sigmoid: expandSigmoid,
  log: expandLog,
  log1p: expandLog1p,
  erf: expandErf,
  sin: expandSin,
  cos: expandCos,
};

const floorDiv = (x: Expr, y: Expr): Expr => unary("floor", binary("div", x, y));

const floatBinaryExpansions: Readonly<Partial<Record<BinaryOp, (x: Expr, y: Expr) => Expr>>> = {
  pow: expandPow,
  floorDiv,
  mod: (x, y) => binary("sub", x, binary("mul", floorDiv(x, y), y)),
};

/** The expansion of a unary operation, or undefined when it has none. */
export function expandUnary(op: UnaryOp, x: Expr): Expr | undefined {
  return unaryExpansions[op]?.(x);
}

/** The expansion of a binary operation of floats, or undefined when it has none. */
export function expandBinary(op: BinaryOp, x: Expr, y: Expr): Expr | undefined {
  return x.type === "i32" ? undefined : floatBinaryExpansions[op]?.(x, y);
}
