/**
 * Microkernels: a tile of c over one block along k. One step along k per basic block, because V8 11 moves all loads of a block to its
 * start, and unrolling would spill the accumulators.
 */
import { InternalError } from "../../../errors/errors.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import type { Signature } from "../encoder/module.ts";
import { op, type ValueType } from "../encoder/opcodes.ts";
import { clearVector, type Element, vectorBytes } from "./element.ts";
import type { Tile } from "./tile.ts";

/**
 * Parameters of a microkernel. Strides are in bytes. `tiles` tiles of rows follow each other down a and c. `b` holds `depth` rows of the
 * tile's columns, `bStep` apart. The block is added to c where `add` is not 0, else stored.
 */
const wholeParameters = [
  "a",
  "aRow",
  "aCol",
  "b",
  "bStep",
  "c",
  "cRow",
  "depth",
  "tiles",
  "add",
] as const;
/** The columns from <= column < to are stored. */
const edgeParameters = [...wholeParameters, "from", "to"] as const;
type WholeParameters = Readonly<Record<(typeof wholeParameters)[number], Local>>;

const signature = (names: readonly string[]): Signature => ({
  params: names.map(() => "i32" as const),
  results: [],
});
export const microSignature = signature(wholeParameters);
export const microEdgeSignature = signature(edgeParameters);

/** Named parameters of a kernel. */
export function named<Name extends string>(
  names: readonly Name[],
  locals: Locals,
): Readonly<Record<Name, Local>> {
  return Object.fromEntries(names.map((name, place) => [name, locals.param(place)])) as Record<
    Name,
    Local
  >;
}

/** Writes the body of a microkernel of `tile.rows` rows that stores all columns of its tile. */
export function writeMicrokernel(code: Code, locals: Locals, element: Element, tile: Tile): void {
  const p = named(wholeParameters, locals);
  writeTiles(code, locals, element, tile, p, (accumulators) => {
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
  element: Element,
  tile: Tile,
  storeLanes: number,
): void {
  const p = named(edgeParameters, locals);
  writeTiles(code, locals, element, tile, p, (accumulators) => {
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
  element: Element,
  tile: Tile,
  p: WholeParameters,
  storeTile: (accumulators: readonly (readonly Local[])[]) => void,
): void {
  const rows = locals.many(tile.rows, "i32");
  const accumulators = rows.map(() => locals.many(tile.vectors, "v128"));
  const columns = locals.many(tile.vectors, "v128");
  const broadcast = locals.fresh("v128");
  const [along, bAt, bEnd] = [locals.fresh("i32"), locals.fresh("i32"), locals.fresh("i32")];
  code.get(p.b, p.depth, p.bStep).op(op.i32Mul, op.i32Add).set(bEnd);
  code.loop(() => {
    rows.forEach((row, i) => {
      if (i === 0) code.get(p.a).set(row);
      else
        code
          .get(rows[i - 1] ?? missing(), p.aRow)
          .op(op.i32Add)
          .set(row);
    });
    for (const accumulator of accumulators.flat()) clearVector(code, accumulator);
    code.i32(0).set(along).get(p.b).set(bAt);
    code.loop(() => {
      columns.forEach((column, v) =>
        code
          .get(bAt)
          .memory(op.v128Load, v * vectorBytes)
          .set(column),
      );
      rows.forEach((row, i) => {
        code.get(row, along).op(op.i32Add).memory(element.loadSplat).set(broadcast);
        columns.forEach((column, v) =>
          element.multiplyAdd(code, accumulators[i]?.[v] ?? missing(), broadcast, () =>
            code.get(column),
          ),
        );
      });
      code.get(along, p.aCol).op(op.i32Add).set(along);
      code.get(bAt, p.bStep).op(op.i32Add).tee(bAt).get(bEnd).op(op.i32Ne).brIf(0);
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
