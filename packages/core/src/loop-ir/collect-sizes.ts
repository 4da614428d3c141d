/** The sizes that a program uses, which its host evaluates once per call. */
import type { Size } from "../size/size.ts";
import type { Buffer, Index, LoopFunction, MatrixView, Statement } from "./types.ts";
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
    const { sizes, callees } = bodySizes(func.body);
    for (const size of sizes) add(size);
    queue.push(...callees);
  }
  return [...found.values()].sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0));
}

function bodySizes(body: readonly Statement[]): {
  readonly sizes: readonly Size[];
  readonly callees: readonly LoopFunction[];
} {
  const statements = [...body];
  const sizes: Size[] = [];
  const callees: LoopFunction[] = [];
  const roots = [];
  for (let s = statements.pop(); s !== undefined; s = statements.pop()) {
    statements.push(...statementBody(s));
    if (s.kind === "prefix") statements.push(...expandPrefix(s));
    roots.push(...statementExprs(s));
    sizes.push(...statementIndexes(s).flatMap(indexSizes), ...ownSizes(s));
    if (s.kind === "call") callees.push(s.func);
  }
  for (const e of postOrder(roots))
    if (e.kind === "load" || e.kind === "position") sizes.push(...indexSizes(e.index));
  return { sizes, callees };
}

/** The sizes in an index itself. */
export function indexSizes(index: Index): Size[] {
  return [index.offset, ...index.terms.map((term) => term.coef)];
}

const strides = (view: MatrixView): Size[] => [view.rowStride, view.colStride];

/** The sizes that a statement itself holds outside its indices. */
export function ownSizes(s: Statement): readonly Size[] {
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
