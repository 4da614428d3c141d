/** Which expansion stands for which operation. */
import type { BinaryOp, Expr, UnaryOp } from "../types.ts";

/** The expansion of a unary operation, or undefined when it has none. */
export function expandUnary(_op: UnaryOp, _x: Expr): Expr | undefined {
  return undefined;
}

/** The expansion of a binary operation, or undefined when it has none. */
export function expandBinary(_op: BinaryOp, _x: Expr, _y: Expr): Expr | undefined {
  return undefined;
}
