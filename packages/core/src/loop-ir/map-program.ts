/** Rebuilds a program with every expression replaced, keeping function and variable identities consistent. */
import { InternalError } from "../errors/errors.ts";
import { ifStatement } from "./build.ts";
import type { Expr, Index, LoopFunction, MatrixView, Program, Statement } from "./types.ts";
import { replaceIndexOperands } from "./walk.ts";

/**
 * The program with `f` applied to each whole expression of each statement, and then `replace` to each statement; buffers, sizes and
 * variables stay the same objects.
 */
export function mapProgram(
  program: Program,
  f: (e: Expr) => Expr,
  replace: (s: Statement) => readonly Statement[] = (s) => [s],
): Program {
  const done = new Map<LoopFunction, LoopFunction>();
  const active = new Set<LoopFunction>();
  const mapBody = (body: readonly Statement[]): Statement[] =>
    body.flatMap((s) => replace(mapStatement(s, f, mapBody, mapFunction)));
  const mapFunction = (func: LoopFunction): LoopFunction => {
    const known = done.get(func);
    if (known !== undefined) return known;
    if (active.has(func)) throw new InternalError(`function ${func.name} calls itself`);
    active.add(func);
    const mapped = { ...func, body: mapBody(func.body) };
    done.set(func, mapped);
    return mapped;
  };
  return {
    ...program,
    functions: program.functions.map(mapFunction),
    entries: program.entries.map(mapFunction),
  };
}

function mapStatement(
  s: Statement,
  f: (e: Expr) => Expr,
  body: (list: readonly Statement[]) => Statement[],
  func: (x: LoopFunction) => LoopFunction,
): Statement {
  const index = (i: Index): Index => replaceIndexOperands(i, f);
  const view = (v: MatrixView): MatrixView => ({ ...v, offset: index(v.offset) });
  switch (s.kind) {
    case "for":
      return { ...s, body: body(s.body) };
    case "let":
    case "assign":
    case "reduce":
      return { ...s, value: f(s.value) };
    case "store":
      return { ...s, index: index(s.index), value: f(s.value) };
    case "if":
      return ifStatement(f(s.cond), body(s.then));
    case "prefix":
      return {
        ...s,
        parts: s.parts.map((part) => ({
          ...part,
          value: f(part.value),
          combined: f(part.combined),
          into: part.into.map((place) => ({ ...place, index: index(place.index) })),
        })),
      };
    case "call":
      return { ...s, func: func(s.func), args: s.args.map(index) };
    case "matmul":
      return { ...s, a: view(s.a), b: "packed" in s.b ? s.b : view(s.b), c: view(s.c) };
    case "pack":
      return { ...s, b: view(s.b) };
    case "copy":
      return { ...s, fromOffset: index(s.fromOffset), toOffset: index(s.toOffset) };
    case "host":
      return { ...s, index: index(s.index) };
    case "fail":
    case "stop":
      return { ...s, cond: f(s.cond) };
    default:
      return s satisfies never;
  }
}
