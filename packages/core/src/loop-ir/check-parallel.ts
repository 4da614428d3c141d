/**
 * Iterations of a parallel loop must not write the same place. The check is conservative in what it sees: every address that the body
 * writes must mention the loop variable, in itself or through data; it does not prove that two iterations differ.
 */
import type { Expr, Index, IndexVar, LoopFunction, ScalarVar, Statement } from "./types.ts";
import { indexOperands, postOrder, statementBody } from "./walk.ts";

type Fail = (message: string) => never;

/** Reports, through `fail`, the first parallel loop in `body` with a write that its variable does not move. */
export function checkParallel(body: readonly Statement[], fail: Fail): void {
  for (const s of body) {
    if (s.kind === "for" && s.parallel && !((s.extent.constant ?? 2) <= 1)) {
      checkWrites(s.body, new Set([s.var]), new Set(), (message) =>
        fail(`parallel loop ${s.var.name}: ${message}`),
      );
    }
    checkParallel(statementBody(s), fail);
  }
}

function checkWrites(
  body: readonly Statement[],
  moving: ReadonlySet<IndexVar>,
  own: Set<ScalarVar>,
  fail: Fail,
): void {
  const moves = (index: Index): boolean =>
    index.terms.some(({ of }) => of.kind === "indexVar" && moving.has(of)) ||
    indexOperands(index).some(exprMoves);
  const exprMoves = (e: Expr): boolean =>
    postOrder([e]).some(
      (x) =>
        x.kind === "read" ||
        ((x.kind === "load" || x.kind === "position") &&
          x.index.terms.some(({ of }) => of.kind === "indexVar" && moving.has(of))),
    );
  const written = (what: string, index: Index): void => {
    if (!moves(index)) fail(`${what} the same place in every iteration`);
  };
  for (const s of body) {
    switch (s.kind) {
      case "store":
        written(`stores ${s.buffer.name} at`, s.index);
        break;
      case "copy":
        written(`copies to ${s.to.name} at`, s.toOffset);
        break;
      case "matmul":
        written(`writes a product to ${s.c.buffer.name} at`, s.c.offset);
        if (s.scratch !== undefined)
          fail(`copies to ${s.scratch.name}, the same place in every iteration`);
        break;
      case "pack":
        fail(`packs into ${s.into.name}, the same place in every iteration`);
        break;
      case "prefix":
        for (const { buffer, index } of s.parts.flatMap(({ into }) => into))
          written(`stores ${buffer.name} at`, index);
        break;
      case "let":
      case "reduce":
        own.add(s.var);
        break;
      case "assign":
        if (!own.has(s.var)) fail(`assigns ${s.var.name}, which lives outside the loop`);
        break;
      case "call":
        checkWrites(s.func.body, movedParams(s.func, s.args, moves), new Set(), (message) =>
          fail(`function ${s.func.name} ${message}`),
        );
        break;
      case "for":
      case "if":
        checkWrites(statementBody(s), moving, own, fail);
        break;
      case "host":
        fail(`tells the host event ${s.event}, and events have an order`);
        break;
      case "fail":
      case "stop":
        break;
      default:
        s satisfies never;
    }
  }
}

function movedParams(
  func: LoopFunction,
  args: readonly Index[],
  moves: (index: Index) => boolean,
): Set<IndexVar> {
  return new Set(
    func.params.filter((_, i) => {
      const arg = args[i];
      return arg !== undefined && moves(arg);
    }),
  );
}
