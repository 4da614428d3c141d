/**
 * Folds of neighbouring elements side by side ("unroll and jam"): they read whole cache lines of the rows that they fold, and do not
 * wait for each other's sums. Every element is folded as it is alone.
 */
import { readVar, scalarVar } from "../../loop-ir/build.ts";
import type { Expr, Index, ScalarVar, Statement } from "../../loop-ir/types.ts";
import { allStatements, postOrder, replaceOperands, statementExprs } from "../../loop-ir/walk.ts";
import type { Dependency } from "./dependence.ts";
import { varies } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import type { Lanes } from "./scope.ts";
import { laneStride } from "./vector-memory.ts";

type For = Extract<Statement, { kind: "for" }>;

/** Vectors side by side: a cache line of 64 bytes. */
export const jamWidth = 4;

export interface Jam {
  /** The body of the loop as each of the vectors runs it. */
  readonly copies: readonly (readonly Statement[])[];
  readonly lanes: Lanes;
}

/** More arithmetic keeps the units busy by itself, and would be code four times. */
const mostExpressions = 24;

/** Undefined where the body folds nothing in blocks, or does more than fold. */
export function jamOf(context: FunctionContext, loop: For, lanes: Lanes): Jam | undefined {
  const all = allStatements(loop.body);
  if (!all.some((s) => s.kind === "reduce")) return undefined;
  const exprs = postOrder(all.flatMap(statementExprs));
  const strides = [
    ...all.flatMap((s) => (s.kind === "store" ? [s.index] : [])),
    ...exprs.flatMap((e) => (e.kind === "load" ? [e.index] : [])),
  ].map((index) => laneStride(index, lanes).constant);
  const fits =
    exprs.length <= mostExpressions &&
    all.every((s) => isPlain(s, lanes)) &&
    strides.every((stride) => stride === 0 || stride === 1) &&
    !exprs.some((e) => e.kind === "position" && varies(e, lanes));
  if (!fits) return undefined;
  const varying = new Set(lanes.varying);
  const copies = Array.from({ length: jamWidth }, (_, i) =>
    i === 0 ? loop.body : new Copy(context, lanes, i * lanes.count, varying).all(loop.body),
  );
  return { copies, lanes: { ...lanes, varying } };
}

/** Whether each lane folds, and stores a neighbour. */
function isPlain(s: Statement, lanes: Lanes): boolean {
  if (s.kind === "reduce") return s.order === "blocks" && lanes.varying.has(s.var);
  if (s.kind === "let" || s.kind === "assign") return lanes.varying.has(s.var);
  return s.kind === "store" || (s.kind === "for" && !s.parallel);
}

/** Statements `by` iterations further on, with variables of their own. */
class Copy {
  readonly #context: FunctionContext;
  readonly #lanes: Lanes;
  readonly #by: number;
  readonly #varying: Set<Dependency>;
  readonly #renamed = new Map<ScalarVar, ScalarVar>();
  readonly #memo = new Map<Expr, Expr>();

  constructor(context: FunctionContext, lanes: Lanes, by: number, varying: Set<Dependency>) {
    this.#context = context;
    this.#lanes = lanes;
    this.#by = by;
    this.#varying = varying;
  }

  all(body: readonly Statement[]): Statement[] {
    return body.map((s) => this.#statement(s));
  }

  #statement(s: Statement): Statement {
    if (s.kind === "for") return { ...s, body: this.all(s.body) };
    if (s.kind === "store")
      return { ...s, value: this.#value(s.value), index: this.#index(s.index) };
    if (s.kind === "let" || s.kind === "assign" || s.kind === "reduce")
      return { ...s, value: this.#value(s.value), var: this.#rename(s.var) };
    return s;
  }

  #rename(old: ScalarVar): ScalarVar {
    const own = this.#renamed.get(old) ?? scalarVar(old.name, old.type);
    this.#renamed.set(old, own);
    this.#varying.add(own);
    return own;
  }

  #value(e: Expr): Expr {
    const renewed = (part: Expr): Expr => this.#memo.get(part) ?? part;
    for (const part of postOrder([e], this.#memo)) {
      const own = part.kind === "read" ? this.#renamed.get(part.var) : undefined;
      this.#memo.set(
        part,
        own !== undefined
          ? readVar(own)
          : replaceOperands(part, renewed, (index) => this.#index(index)),
      );
    }
    return renewed(e);
  }

  /** Data inside an index is the same in all lanes. */
  #index(index: Index): Index {
    if (laneStride(index, this.#lanes).constant === 0) return index;
    const own = { ...index };
    this.#context.neighbours.set(own, { of: index, by: this.#by });
    return own;
  }
}
