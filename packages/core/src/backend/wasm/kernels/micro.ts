/**
 * Microkernels: a tile of c over one block along k. A turn of the loop is several steps along k, so that what a loop costs, the check of the
 * stack among it, is shared by them. Every step ends its basic block by a way out: V8 11 moves all loads of a block to its start, and more
 * of them than one step's would spill the accumulators.
 */
import { InternalError } from "../../../errors/errors.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import type { Signature } from "../encoder/module.ts";
import { op, type ValueType } from "../encoder/opcodes.ts";
import { clearVector, type Element, vectorBytes } from "./element.ts";
import type { Microkernel } from "./library.ts";
import { integersIn, microParameters, type MicroParameters, named } from "./parameters.ts";
import { stepsOfTurn, walkA, walkB } from "./walk.ts";

/** The columns from <= column < to are stored. */
const edgeParameters = [...microParameters, "from", "to"] as const;
export const microSignature = integersIn(microParameters);
export const microEdgeSignature = integersIn(edgeParameters);

/** Writes the body of a microkernel of `tile.rows` rows that stores all columns of its tile. */
export function writeMicrokernel(code: Code, locals: Locals, micro: Microkernel): void {
  const p = named(microParameters, locals);
  const { element } = micro;
  writeTiles(code, locals, micro, p, (accumulators) => {
    const eachRow = (write: (row: readonly Local[]) => void): void => {
      for (const row of accumulators) {
        write(row);
        code.get(p.c, p.cRow).op(op.i32Add).set(p.c);
      }
    };
    const store = (row: readonly Local[]): void =>
      row.forEach((x, v) => code.get(p.c, x).memory(op.v128Store, v * vectorBytes));
    code.get(p.add).if(
      () =>
        eachRow((row) => {
          // All loads before all stores: an engine that joins neighbouring vectors moves none of them past another.
          row.forEach((x, v) =>
            code
              .get(p.c)
              .memory(op.v128Load, v * vectorBytes)
              .get(x)
              .op(element.vectorAdd)
              .set(x),
          );
          store(row);
        }),
      () => eachRow(store),
    );
  });
}

/**
 * Writes the body of a microkernel that stores some columns of its tile; `storeLanes` is the function that `writeStoreLanes` writes. It is a
 * function of its own: V8 13 ends the process where it joins eight pairs of vectors that are also wanted one by one.
 */
export function writeMicroEdge(
  code: Code,
  locals: Locals,
  micro: Microkernel,
  storeLanes: number,
): void {
  const p = named(edgeParameters, locals);
  const { element } = micro;
  writeTiles(code, locals, micro, p, (accumulators) => {
    for (const row of accumulators) {
      row.forEach((x, v) => {
        code
          .get(p.c)
          .i32(v * vectorBytes)
          .op(op.i32Add)
          .get(x);
        for (const column of [p.from, p.to])
          code
            .get(column)
            .i32(v * element.lanes)
            .op(op.i32Sub);
        code.get(p.add).call(storeLanes);
      });
      code.get(p.c, p.cRow).op(op.i32Add).set(p.c);
    }
  });
}

/** `storeTile` puts the accumulators, by row, where c is, and leaves c at the row after the tile. */
function writeTiles(
  code: Code,
  locals: Locals,
  micro: Microkernel,
  p: MicroParameters,
  storeTile: (accumulators: readonly (readonly Local[])[]) => void,
): void {
  const { element, tile } = micro;
  const accumulators = Array.from({ length: tile.rows }, () => locals.many(tile.vectors, "v128"));
  const columns = locals.many(tile.vectors, "v128");
  const broadcast = locals.fresh("v128");
  const left = locals.fresh("i32");
  const steps = stepsOfTurn(tile);
  const a = walkA(code, locals, micro, p);
  const b = walkB(code, locals, micro, p);
  const writeStep = (step: number): void => {
    columns.forEach((column, v) => {
      b.load(step, v * vectorBytes);
      code.set(column);
    });
    accumulators.forEach((row, i) => {
      a.broadcast(step, i);
      code.set(broadcast);
      columns.forEach((column, v) =>
        element.multiplyAdd(code, row[v] ?? missing(), broadcast, () => code.get(column)),
      );
    });
  };
  code.loop(() => {
    a.begin();
    b.begin();
    for (const accumulator of accumulators.flat()) clearVector(code, accumulator);
    code.get(p.depth).set(left);
    code.block(() => {
      code.loop(() => {
        for (let step = 0; step < steps; step++) {
          if (step > 0) code.get(left).i32(step).op(op.i32Eq).brIf(1);
          writeStep(step);
          a.afterStep();
          b.afterStep();
        }
        a.afterTurn();
        b.afterTurn();
        code.get(left).i32(steps).op(op.i32Sub).tee(left).brIf(0);
      });
    });
    storeTile(accumulators);
    code.get(p.a, p.aRow).i32(tile.rows).op(op.i32Mul, op.i32Add).set(p.a);
    code.get(p.tiles).i32(1).op(op.i32Sub).tee(p.tiles).brIf(0);
  });
}

const storeParameters: readonly ValueType[] = ["i32", "v128", "i32", "i32", "i32"];
export const storeLanesSignature: Signature = { params: storeParameters, results: [] };

/** Writes (address, vector, from, to, add): stores or adds the lanes from <= lane < to, each to its place. */
export function writeStoreLanes(code: Code, locals: Locals, element: Element): void {
  const [address, vector, from, to, add] = locals.params as [Local, Local, Local, Local, Local];
  const old = locals.fresh(element.type);
  const zero = (): Code => (element.type === "f32" ? code.f32(0) : code.f64(0));
  for (let lane = 0; lane < element.lanes; lane++) {
    code
      .get(from)
      .i32(lane)
      .op(op.i32LeS)
      .i32(lane)
      .get(to)
      .op(op.i32LtS, op.i32And)
      .if(() => {
        const offset = lane * element.bytes;
        code.get(add).if(
          () => code.get(address).memory(element.load, offset).set(old),
          () => zero().set(old),
        );
        // A block begins at +0 and is never -0, so that adding it to 0 leaves it as it is.
        code
          .get(address, old, vector)
          .lane(element.extractLane, lane)
          .op(element.add)
          .memory(element.store, offset);
      });
  }
}

function missing(): never {
  throw new InternalError("a tile without rows or vectors");
}
