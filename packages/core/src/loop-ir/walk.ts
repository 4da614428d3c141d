/** Walks over expressions and statements. Expressions are DAGs and may be deep, so the walks are iterative and meet an object once. */
import type { Expr, Index, Statement } from "./types.ts";

/** The expressions inside an index, in order. */
export function indexOperands(index: Index): readonly Expr[] {
  let found: Expr[] | undefined;
  for (const { of } of index.terms) if (of.kind !== "indexVar") (found ??= []).push(of);
  return found ?? none;
}

const none: readonly Expr[] = [];

/** The direct operands of an expression, those of its index included. */
export function exprOperands(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case "const":
    case "read":
      return none;
    case "load":
    case "position":
      return indexOperands(e.index);
    case "unary":
    case "convert":
      return [e.x];
    case "binary":
    case "compare":
      return [e.x, e.y];
    case "select":
      return [e.cond, e.x, e.y];
    default:
      return e satisfies never;
  }
}

/** Every expression under `roots`, operands first, each object once; what `known` has, and what is only under it, is left out. */
export function postOrder(
  roots: readonly Expr[],
  known: { has(e: Expr): boolean } = nothing,
): Expr[] {
  const seen = new Set<Expr>();
  const order: Expr[] = [];
  // The path from a root down to where the walk is.
  const path: Visit[] = [];
  const enter = (e: Expr): void => {
    if (seen.has(e) || known.has(e)) return;
    seen.add(e);
    const operands = exprOperands(e);
    if (operands.length === 0) order.push(e);
    else path.push({ e, operands, next: 0 });
  };
  for (const root of roots) {
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const operand = top.operands[top.next++];
      if (operand !== undefined) {
        enter(operand);
      } else {
        order.push(top.e);
        path.pop();
      }
    }
  }
  return order;
}

/** An expression whose operands are being walked, and which comes next. */
interface Visit {
  readonly e: Expr;
  readonly operands: readonly Expr[];
  next: number;
}

const nothing: ReadonlySet<Expr> = new Set();

/** The expression with its operands replaced; the same object when none changed. */
export function replaceOperands(
  e: Expr,
  operand: (x: Expr) => Expr,
  index: (i: Index) => Index = (i) => replaceIndexOperands(i, operand),
): Expr {
  switch (e.kind) {
    case "const":
    case "read":
      return e;
    case "load":
    case "position": {
      const at = index(e.index);
      return at === e.index ? e : { ...e, index: at };
    }
    case "unary":
    case "convert": {
      const x = operand(e.x);
      return x === e.x ? e : { ...e, x };
    }
    case "binary":
    case "compare": {
      const [x, y] = [operand(e.x), operand(e.y)];
      return x === e.x && y === e.y ? e : { ...e, x, y };
    }
    case "select": {
      const [cond, x, y] = [operand(e.cond), operand(e.x), operand(e.y)];
      return cond === e.cond && x === e.x && y === e.y ? e : { ...e, cond, x, y };
    }
    default:
      return e satisfies never;
  }
}

/** The index with the expressions inside replaced; the same object when none changed. */
export function replaceIndexOperands(index: Index, operand: (x: Expr) => Expr): Index {
  const terms = index.terms.map((term) => {
    if (term.of.kind === "indexVar") return term;
    const of = operand(term.of);
    return of === term.of ? term : { ...term, of };
  });
  return terms.every((term, i) => term === index.terms[i]) ? index : { ...index, terms };
}

/** The indices that a statement itself holds, not those inside its expressions or its body. */
export function statementIndexes(s: Statement): readonly Index[] {
  switch (s.kind) {
    case "store":
    case "host":
      return [s.index];
    case "call":
      return s.args;
    case "prefix":
      return s.parts.flatMap(({ into }) => into.map(({ index }) => index));
    case "matmul":
      return [s.a.offset, ...("packed" in s.b ? [] : [s.b.offset]), s.c.offset];
    case "pack":
      return [s.b.offset];
    case "copy":
      return [s.fromOffset, s.toOffset];
    case "for":
    case "let":
    case "assign":
    case "if":
    case "reduce":
    case "fail":
    case "stop":
      return [];
    default:
      return s satisfies never;
  }
}

/** The expressions that a statement itself holds: its values, condition, and those inside its indices; not those of its body. */
export function statementExprs(s: Statement): readonly Expr[] {
  const inIndexes = statementIndexes(s).flatMap(indexOperands);
  switch (s.kind) {
    case "let":
    case "assign":
    case "store":
    case "reduce":
      return [...inIndexes, s.value];
    case "prefix":
      return [...inIndexes, ...s.parts.flatMap(({ value, combined }) => [value, combined])];
    case "if":
    case "fail":
    case "stop":
      return [s.cond];
    case "for":
    case "call":
    case "matmul":
    case "pack":
    case "copy":
    case "host":
      return inIndexes;
    default:
      return s satisfies never;
  }
}

/** The statements inside a statement. */
export function statementBody(s: Statement): readonly Statement[] {
  return s.kind === "for" ? s.body : s.kind === "if" ? s.then : [];
}

/** The statements and those inside them, each before what it holds. */
export function allStatements(body: readonly Statement[]): Statement[] {
  return body.flatMap((s) => [s, ...allStatements(statementBody(s))]);
}

/** The condition that ends a loop early. */
export function stopOf({ body }: Extract<Statement, { kind: "for" }>): Expr | undefined {
  const last = body.at(-1);
  return last?.kind === "stop" ? last.cond : undefined;
}
