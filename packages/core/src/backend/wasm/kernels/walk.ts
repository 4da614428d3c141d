/** How a microkernel finds the elements of a and b while it runs along k. */
import { InternalError } from "../../../errors/errors.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import type { Microkernel } from "./library.ts";
import type { MicroParameters } from "./parameters.ts";
import type { Tile } from "./tile.ts";

/**
 * Steps along k in a turn of the loop. V8 11 is faster with more of them still, V8 13 is not. A single column of vectors waits for its sums in any case.
 */
export const stepsOfTurn = ({ vectors }: Tile): number => (vectors > 1 ? 6 : 1);

/** Where a walk along k is: at the beginning of a tile, after a step, after a turn of the loop. */
interface Walker {
  readonly begin: () => void;
  readonly afterStep: () => void;
  readonly afterTurn: () => void;
}
/** `broadcast` loads the element of a row in a step of the turn to all lanes. */
interface WalkerOfA extends Walker {
  readonly broadcast: (step: number, row: number) => void;
}
/** `load` loads a vector of the row of b in a step of the turn, so many bytes behind its first. */
interface WalkerOfB extends Walker {
  readonly load: (step: number, offset: number) => void;
}
const nothing = (): void => undefined;

/** With elements that are known to be consecutive, the step or the row is part of the instruction; else each has its address computed. */
export function walkA(
  code: Code,
  locals: Locals,
  { element, tile, a: layout }: Microkernel,
  p: MicroParameters,
): WalkerOfA {
  const steps = stepsOfTurn(tile);
  if (layout === "tiles") {
    const at = locals.fresh("i32");
    const stepBytes = tile.rows * element.bytes;
    return {
      begin: () => code.get(p.a).set(at),
      broadcast: (step, row) =>
        code.get(at).memory(element.loadSplat, step * stepBytes + row * element.bytes),
      afterStep: nothing,
      afterTurn: () => advance(code, at, () => code.i32(steps * stepBytes)),
    };
  }
  if (layout === "columns") {
    const at = locals.fresh("i32");
    return {
      begin: () => code.get(p.a).set(at),
      broadcast: (_step, row) => code.get(at).memory(element.loadSplat, row * element.bytes),
      afterStep: () => advance(code, at, () => code.get(p.aCol)),
      afterTurn: nothing,
    };
  }
  const rows = locals.many(tile.rows, "i32");
  const beginRows = (): void =>
    rows.forEach((row, i) => {
      if (i === 0) code.get(p.a).set(row);
      else
        code
          .get(rows[i - 1] ?? missing(), p.aRow)
          .op(op.i32Add)
          .set(row);
    });
  const rowOf = (i: number): Local => rows[i] ?? missing();
  if (layout === "rows")
    return {
      begin: beginRows,
      broadcast: (step, row) =>
        code.get(rowOf(row)).memory(element.loadSplat, step * element.bytes),
      afterStep: nothing,
      afterTurn: () => {
        for (const row of rows) advance(code, row, () => code.i32(steps * element.bytes));
      },
    };
  const along = locals.fresh("i32");
  return {
    begin: () => {
      beginRows();
      code.i32(0).set(along);
    },
    broadcast: (_step, row) => code.get(rowOf(row), along).op(op.i32Add).memory(element.loadSplat),
    afterStep: () => advance(code, along, () => code.get(p.aCol)),
    afterTurn: nothing,
  };
}

export function walkB(
  code: Code,
  locals: Locals,
  { tile, bStep }: Microkernel,
  p: MicroParameters,
): WalkerOfB {
  const at = locals.fresh("i32");
  const begin = (): void => void code.get(p.b).set(at);
  if (bStep === undefined)
    return {
      begin,
      load: (_step, offset) => code.get(at).memory(op.v128Load, offset),
      afterStep: () => advance(code, at, () => code.get(p.bStep)),
      afterTurn: nothing,
    };
  return {
    begin,
    load: (step, offset) => code.get(at).memory(op.v128Load, step * bStep + offset),
    afterStep: nothing,
    afterTurn: () => advance(code, at, () => code.i32(stepsOfTurn(tile) * bStep)),
  };
}

/** local += what `step` puts on the stack. */
function advance(code: Code, local: Local, step: () => void): void {
  code.get(local);
  step();
  code.op(op.i32Add).set(local);
}

function missing(): never {
  throw new InternalError("a tile without rows");
}
