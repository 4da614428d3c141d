/** What expressions depend on and what statements change: the facts behind caching, hoisting and vectorising. */
import type {
  Buffer,
  Expr,
  IndexVar,
  LoopFunction,
  ScalarVar,
  Statement,
} from "../../loop-ir/types.ts";
import { exprOperands, postOrder, statementBody, statementExprs } from "../../loop-ir/walk.ts";

export type Dependency = IndexVar | ScalarVar | Buffer;

const none: ReadonlySet<Dependency> = new Set();
const known = new WeakMap<Expr, ReadonlySet<Dependency>>();

/** The variables and buffers whose values decide the value of `expr`. */
export function dependencies(expr: Expr): ReadonlySet<Dependency> {
  const done = known.get(expr);
  if (done !== undefined) return done;
  for (const e of postOrder([expr], known)) known.set(e, ownDependencies(e));
  return known.get(expr) ?? none;
}

function ownDependencies(e: Expr): ReadonlySet<Dependency> {
  const own: Dependency[] = [];
  if (e.kind === "read") own.push(e.var);
  if (e.kind === "load") own.push(e.buffer);
  if (e.kind === "load" || e.kind === "position")
    for (const term of e.index.terms) if (term.of.kind === "indexVar") own.push(term.of);
  let all: ReadonlySet<Dependency> = own.length === 0 ? none : new Set(own);
  for (const operand of exprOperands(e)) all = union(all, known.get(operand) ?? none);
  return all;
}

/** The larger set itself where it holds the other one, so that chains of arithmetic share one set. */
function union(a: ReadonlySet<Dependency>, b: ReadonlySet<Dependency>): ReadonlySet<Dependency> {
  const [large, little] = a.size >= b.size ? [a, b] : [b, a];
  for (const item of little) if (!large.has(item)) return new Set([...large, ...little]);
  return large;
}

/** The scalar variables and buffers that running the statements may change, callees included. */
export function changes(
  body: readonly Statement[],
  found: Set<Dependency> = new Set(),
  seen: Set<LoopFunction> = new Set(),
): ReadonlySet<Dependency> {
  for (const s of body) {
    switch (s.kind) {
      case "let":
      case "assign":
      case "reduce":
        found.add(s.var);
        break;
      case "store":
        found.add(s.buffer);
        break;
      case "prefix":
        for (const { into } of s.parts) for (const { buffer } of into) found.add(buffer);
        break;
      case "matmul":
        found.add(s.c.buffer);
        if (s.scratch !== undefined) found.add(s.scratch);
        break;
      case "pack":
        found.add(s.into);
        break;
      case "copy":
        found.add(s.to);
        break;
      case "call":
        if (!seen.has(s.func)) {
          seen.add(s.func);
          changes(s.func.body, found, seen);
        }
        break;
      case "for":
      case "if":
        changes(statementBody(s), found, seen);
        break;
      case "fail":
      case "host":
      case "stop":
        break;
      default:
        s satisfies never;
    }
  }
  return found;
}

/** Uses of each expression: by every statement that holds it, and by every place among the operands of an expression, met once or often. */
export function countUses(body: readonly Statement[]): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>();
  const seen = new Set<Expr>();
  const use = (e: Expr): void => void uses.set(e, (uses.get(e) ?? 0) + 1);
  const visit = (list: readonly Statement[]): void => {
    for (const s of list) {
      const roots = statementExprs(s);
      roots.forEach(use);
      for (const e of postOrder(roots, seen)) {
        seen.add(e);
        exprOperands(e).forEach(use);
      }
      visit(statementBody(s));
    }
  };
  visit(body);
  return uses;
}
