/**
 * Long functions cut into short ones. The time that an engine takes for a function grows faster than its length: the entry of a network of
 * 10,000 layers takes it seconds as one function, and a tenth of that as many.
 */
import { indexOf } from "./index-expr.ts";
import type { Expr, IndexVar, LoopFunction, Program, ScalarVar, Statement } from "./types.ts";
import {
  exprOperands,
  postOrder,
  statementBody,
  statementExprs,
  statementIndexes,
} from "./walk.ts";

/** Scalar variables, and expressions that read variables or memory: what must not be computed anew in another function. */
type Bound = ScalarVar | Expr;

/** What a statement, with all inside it, refers to. */
interface Contents {
  /** Statements and expressions. */
  readonly weight: number;
  /** Index variables of what is around it. */
  readonly free: ReadonlySet<IndexVar>;
  readonly bound: ReadonlySet<Bound>;
}

/** Numbers of statements and expressions: `long` is what gets cut, into parts of about `part`. */
export interface Weights {
  readonly long: number;
  readonly part: number;
}

/**
 * The program with each entry that is long, and each long loop body in it, cut into calls of functions. No scalar
 * variable and no value that was read from memory is used on both sides of a cut.
 */
export function splitLong(program: Program, weights: Weights): Program {
  const parts: LoopFunction[] = [];
  const entries = program.entries.map((entry): LoopFunction => {
    const part = (params: readonly IndexVar[], body: readonly Statement[]): LoopFunction => {
      const made = { name: `${entry.name} part ${parts.length}`, params, body };
      parts.push(made);
      return made;
    };
    return { ...entry, body: cut(entry.body, new Set(), weights, part) };
  });
  if (parts.length === 0) return program;
  return { ...program, entries, functions: [...program.functions, ...parts] };
}

type MakePart = (params: readonly IndexVar[], body: readonly Statement[]) => LoopFunction;

function cut(
  body: readonly Statement[],
  outer: ReadonlySet<Bound>,
  weights: Weights,
  part: MakePart,
): readonly Statement[] {
  const contents = body.map(contentsOf);
  if (contents.reduce((sum, { weight }) => sum + weight, 0) <= weights.long) return body;
  const inside = (s: Statement, place: number): Statement => {
    if (!runsInOrder(s)) return s;
    const around = contents.flatMap((c, i) => (i === place ? [] : [c.bound]));
    return { ...s, body: cut(s.body, union([outer, ...around]), weights, part) };
  };
  return runsOf(contents, weights.part).flatMap(([from, to]): readonly Statement[] => {
    const run = body.slice(from, to);
    const held = contents.slice(from, to);
    const weight = held.reduce((sum, c) => sum + c.weight, 0);
    if (weight > weights.long && run.some(runsInOrder))
      return run.map((s, i) => inside(s, from + i));
    const isOuter = held.some(({ bound }) => [...bound].some((item) => outer.has(item)));
    if (isOuter || run.at(-1)?.kind === "stop") return run;
    const params = [...union(held.map((c) => c.free))];
    const args = params.map((param) => indexOf(param));
    return [{ kind: "call", func: part(params, run), args }];
  });
}

/** Iterations of a parallel loop are short, and vectors of them stay together. */
const runsInOrder = (s: Statement): s is Extract<Statement, { kind: "for" }> =>
  s.kind === "for" && !s.parallel;

/** Ranges of statements, each of about `limit`, that share nothing bound with what follows. */
function runsOf(contents: readonly Contents[], limit: number): [from: number, to: number][] {
  const lastUse = new Map<Bound, number>();
  for (const [i, { bound }] of contents.entries()) for (const item of bound) lastUse.set(item, i);
  const runs: [number, number][] = [];
  let [from, weight, held] = [0, 0, 0];
  for (const [i, { weight: own, bound }] of contents.entries()) {
    weight += own;
    for (const item of bound) held = Math.max(held, lastUse.get(item) ?? i);
    const next = contents[i + 1];
    if (next !== undefined && (held > i || weight + next.weight <= limit)) continue;
    runs.push([from, i + 1]);
    [from, weight] = [i + 1, 0];
  }
  return runs;
}

function contentsOf(s: Statement): Contents {
  const exprs = postOrder(statementExprs(s));
  const inside = statementBody(s).map(contentsOf);
  const free = new Set(union(inside.map((c) => c.free)));
  const indexes = [
    ...statementIndexes(s),
    ...exprs.flatMap((e) => (e.kind === "load" || e.kind === "position" ? [e.index] : [])),
  ];
  for (const { terms } of indexes)
    for (const { of } of terms) if (of.kind === "indexVar") free.add(of);
  if (s.kind === "for") free.delete(s.var);
  if (s.kind === "reduce" || s.kind === "prefix") free.delete(s.index);
  return {
    weight: inside.reduce((sum, { weight }) => sum + weight, 1 + exprs.length),
    free,
    bound: union([...inside.map((c) => c.bound), boundBy(s, exprs)]),
  };
}

function boundBy(s: Statement, exprs: readonly Expr[]): ReadonlySet<Bound> {
  const bound = new Set<Bound>();
  if (s.kind === "let" || s.kind === "assign" || s.kind === "reduce") bound.add(s.var);
  const reads = new Set<Expr>();
  for (const e of exprs) {
    if (e.kind === "read") bound.add(e.var);
    const readsSomething =
      e.kind === "read" || e.kind === "load" || exprOperands(e).some((x) => reads.has(x));
    if (!readsSomething) continue;
    reads.add(e);
    bound.add(e);
  }
  return bound;
}

function union<T>(sets: readonly ReadonlySet<T>[]): ReadonlySet<T> {
  const [first] = sets;
  if (sets.length === 1 && first !== undefined) return first;
  const all = new Set<T>();
  for (const set of sets) for (const item of set) all.add(item);
  return all;
}
