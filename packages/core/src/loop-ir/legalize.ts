/**
 * Replaces the operations that a device lacks by others. The expansions are the project's portable numerics: one sequence of
 * multiplications, additions, selects and bit operations, the same in a scalar, a SIMD lane and on the host.
 */
import { InternalError } from "../errors/errors.ts";
import { expandBinary, expandUnary } from "./expand/expand.ts";
import { mapProgram } from "./map-program.ts";
import type { BinaryOp, Expr, Program, ScalarType, UnaryOp } from "./types.ts";
import { postOrder, replaceOperands } from "./walk.ts";

/** What a device computes itself. */
export interface LegalTarget {
  readonly name: string;
  readonly has: (op: UnaryOp | BinaryOp, type: ScalarType) => boolean;
}

const expandable: ReadonlySet<UnaryOp | BinaryOp> = new Set([
  "exp",
  "log",
  "log1p",
  "expm1",
  "tanh",
  "sigmoid",
  "erf",
  "sin",
  "cos",
  "pow",
] as const);

/** A device with arithmetic, rounding and bit operations, and no elementary function; float `floorDiv` and `mod` are expanded as well. */
export const portableTarget: LegalTarget = {
  name: "portable",
  has: (op, type) =>
    !expandable.has(op) && !((op === "floorDiv" || op === "mod") && type !== "i32"),
};

/**
 * The program with every operation that `target` lacks expanded; what expressions share stays shared.
 * @throws INTERNAL when an operation that the target lacks has no expansion
 */
export function legalize(program: Program, target: LegalTarget): Program {
  const memo = new Map<Expr, Expr>();
  return mapProgram(program, (e) => legalizeExpr(e, target, memo));
}

/** One expression without what `target` lacks; one `memo` for several expressions keeps what they share shared. */
export function legalizeExpr(
  expr: Expr,
  target: LegalTarget,
  memo: Map<Expr, Expr> = new Map(),
): Expr {
  const legal = (e: Expr): Expr => {
    const known = memo.get(e);
    if (known === undefined) throw new InternalError(`${e.kind} before its operands`);
    return known;
  };
  for (const e of postOrder([expr], memo))
    memo.set(e, expandOne(replaceOperands(e, legal), target));
  return legal(expr);
}

function expandOne(e: Expr, target: LegalTarget): Expr {
  if ((e.kind !== "unary" && e.kind !== "binary") || target.has(e.op, e.type)) return e;
  const expanded = e.kind === "unary" ? expandUnary(e.op, e.x) : expandBinary(e.op, e.x, e.y);
  if (expanded === undefined)
    throw new InternalError(`${target.name} lacks ${e.op} of ${e.type}, which has no expansion`);
  return expanded;
}
