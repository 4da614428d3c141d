/** The block structure along k that all matrix products share. */
import { depthOfBlock } from "../../../loop-ir/product-block.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";

/** What a product does for one block. */
export interface DepthBlock {
  /** Where the block begins. */
  readonly from: Local;
  /** Its steps, 1 .. 256. */
  readonly depth: Local;
  /** Not 0 where c is added to. */
  readonly add: Local;
}

/** Runs `body` for each block along `k` > 0. `body` may use one enclosing block to leave nothing. */
export function writeDepthBlocks(
  code: Code,
  locals: Locals,
  k: Local,
  addFirst: Local,
  body: (block: DepthBlock) => void,
): void {
  const block: DepthBlock = {
    from: locals.fresh("i32"),
    depth: locals.fresh("i32"),
    add: locals.fresh("i32"),
  };
  code.get(addFirst).set(block.add);
  code.i32(0).set(block.from);
  code.loop(() => {
    minimum(
      code,
      block.depth,
      () => code.get(k, block.from).op(op.i32Sub),
      () => code.i32(depthOfBlock),
    );
    body(block);
    code.i32(1).set(block.add);
    code
      .get(block.from)
      .i32(depthOfBlock)
      .op(op.i32Add)
      .tee(block.from)
      .get(k)
      .op(op.i32LtS)
      .brIf(0);
  });
}

/** into = min(x, y); x and y are written twice. */
export function minimum(code: Code, into: Local, x: () => void, y: () => void): void {
  x();
  y();
  x();
  y();
  code.op(op.i32LtS, op.select).set(into);
}
