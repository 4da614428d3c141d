/** The sizes that a program uses, which its host evaluates once per call. */
import type { Size } from "../size/size.ts";
import type { Buffer, Expr, Index, LoopFunction, MatrixView, Statement } from "./types.ts";
import { expandPrefix } from "./expand-prefix.ts";
import { postOrder, statementBody, statementExprs, statementIndexes } from "./walk.ts";

/** Every distinct size of `buffers` and `functions`, of the functions they call too, that is no constant; sorted by key. */
export function collectSizes(
  buffers: readonly Buffer[],
  functions: readonly LoopFunction[],
): Size[] {
  const found = new Map<string, Size>();
  const add = (size: Size): void => {
    if (size.constant === undefined) found.set(size.key, size);
  };
  for (const buffer of buffers) add(buffer.size);
  const queue = [...functions];
  const seen = new Set<LoopFunction>();
  for (let func = queue.pop(); func !== undefined; func = queue.pop()) {
    if (seen.has(func)) continue;
    seen.add(func);
    queue.push(...addSizesOf(func.body, add));
  }
  return [...found.values()].sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
}

/** The functions that the statements call, once their sizes are added. */
function addSizesOf(body: readonly Statement[], add: (size: Size) => void): LoopFunction[] {
  const statements = [...body];
  const callees: LoopFunction[] = [];
  const roots: Expr[] = [];
  const addIndex = ({ offset, terms }: Index): void => {
    add(offset);
    for (const { coef } of terms) add(coef);
  };
  for (let s = statements.pop(); s !== undefined; s = statements.pop()) {
    statements.push(...statementBody(s));
    if (s.kind === "prefix") statements.push(...expandPrefix(s));
    roots.push(...statementExprs(s));
    statementIndexes(s).forEach(addIndex);
    ownSizes(s).forEach(add);
    if (s.kind === "call") callees.push(s.func);
  }
  for (const e of postOrder(roots))
    if (e.kind === "load" || e.kind === "position") addIndex(e.index);
  return callees;
}

const strides = (view: MatrixView): Size[] => [view.rowStride, view.colStride];

/** The sizes that a statement itself holds outside its indices. */
function ownSizes(s: Statement): readonly Size[] {
  switch (s.kind) {
    case "for":
    case "reduce":
    case "prefix":
      return [s.extent];
    case "matmul":
      return [
        s.m,
        s.n,
        s.k,
        ...strides(s.a),
        ...("packed" in s.b ? [] : strides(s.b)),
        ...strides(s.c),
      ];
    case "pack":
      return [s.n, s.k, ...strides(s.b)];
    case "copy":
      return [s.size];
    case "let":
    case "assign":
    case "store":
    case "if":
    case "call":
    case "fail":
    case "host":
    case "stop":
      return [];
    default:
      return s satisfies never;
  }
}
