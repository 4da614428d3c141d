/** Rows of a transposed matrix, tile by tile: what a microkernel reads in a step, one element of each row of its tile, lies together. */
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import { type Element, vectorBytes } from "./element.ts";
import { integersIn, named } from "./parameters.ts";

/** `tiles` tiles of rows follow each other in a, whose columns are `aCol` bytes apart, the elements of each consecutive; `depth` columns are copied. */
const copyTilesParameters = ["a", "aCol", "into", "depth", "tiles"] as const;
export const copyTilesSignature = integersIn(copyTilesParameters);

export function writeCopyTiles(code: Code, locals: Locals, element: Element, rows: number): void {
  const p = named(copyTilesParameters, locals);
  const [at, left] = locals.many(2, "i32") as [Local, Local];
  code.loop(() => {
    code.get(p.a).set(at).get(p.depth).set(left);
    code.loop(() => {
      let offset = 0;
      for (const [bytes, load, store] of moves)
        for (; offset + bytes <= rows * element.bytes; offset += bytes)
          code.get(p.into, at).memory(load, offset).memory(store, offset);
      code.get(at, p.aCol).op(op.i32Add).set(at);
      code
        .get(p.into)
        .i32(rows * element.bytes)
        .op(op.i32Add)
        .set(p.into);
      code.get(left).i32(1).op(op.i32Sub).tee(left).brIf(0);
    });
    code
      .get(p.a)
      .i32(rows * element.bytes)
      .op(op.i32Add)
      .set(p.a);
    code.get(p.tiles).i32(1).op(op.i32Sub).tee(p.tiles).brIf(0);
  });
}

/** Bytes that are moved at once: a load and a store keep them, whatever type they name. */
const moves = [
  [vectorBytes, op.v128Load, op.v128Store],
  [8, op.f64Load, op.f64Store],
  [4, op.i32Load, op.i32Store],
] as const;
