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
 * tile's columns, `bStep` apart. The columns from <= column < to are stored. The block is added to c where `add` is not 0, else stored.
 */
const parameterNames = [
  "a",
  "aRow",
  "aCol",
  "b",
  "bStep",
  "c",
  "cRow",
  "depth",
  "tiles",
  "from",
  "to",
  "add",
] as const;
type ParameterName = (typeof parameterNames)[number];

export const microSignature: Signature = {
  params: parameterNames.map(() => "i32" as const),
  results: [],
};

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

/** Writes the body of a microkernel of `tile.rows` rows; `storeLanes` is the function that `writeStoreLanes` writes. */
export function writeMicrokernel(
  code: Code,
  locals: Locals,
  element: Element,
  tile: Tile,
  storeLanes: number,
): void {
  const p = named<ParameterName>(parameterNames, locals);
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
        columns.forEach((column, v) => {
          const accumulator = accumulators[i]?.[v] ?? missing();
          code
            .get(accumulator, broadcast, column)
            .op(element.vectorMul, element.vectorAdd)
            .set(accumulator);
        });
      });
      code.get(along, p.aCol).op(op.i32Add).set(along);
      code.get(bAt, p.bStep).op(op.i32Add).tee(bAt).get(bEnd).op(op.i32Ne).brIf(0);
    });
    storeTile(code, element, p, accumulators, storeLanes);
    code.get(p.a, p.aRow).i32(tile.rows).op(op.i32Mul, op.i32Add).set(p.a);
    code.get(p.tiles).i32(1).op(op.i32Sub).tee(p.tiles).brIf(0);
  });
}

/** Stores or adds the accumulators, and leaves c at the row after the tile. */
function storeTile(
  code: Code,
  element: Element,
  p: Readonly<Record<ParameterName, Local>>,
  accumulators: readonly (readonly Local[])[],
  storeLanes: number,
): void {
  const vectors = accumulators[0]?.length ?? 0;
  const eachRow = (write: (accumulator: Local, v: number) => void): void => {
    for (const row of accumulators) {
      row.forEach(write);
      code.get(p.c, p.cRow).op(op.i32Add).set(p.c);
    }
  };
  code
    .get(p.from)
    .get(p.to)
    .i32(vectors * element.lanes)
    .op(op.i32LtS, op.i32Or)
    .if(
      () =>
        eachRow((accumulator, v) => {
          code
            .get(p.c)
            .i32(v * vectorBytes)
            .op(op.i32Add)
            .get(accumulator);
          code
            .get(p.from)
            .i32(v * element.lanes)
            .op(op.i32Sub)
            .get(p.to)
            .i32(v * element.lanes)
            .op(op.i32Sub)
            .get(p.add)
            .call(storeLanes);
        }),
      () => {
        code.get(p.add).if(
          () =>
            eachRow((accumulator, v) =>
              code
                .get(p.c, p.c)
                .memory(op.v128Load, v * vectorBytes)
                .get(accumulator)
                .op(element.vectorAdd)
                .memory(op.v128Store, v * vectorBytes),
            ),
          () =>
            eachRow((accumulator, v) =>
              code.get(p.c, accumulator).memory(op.v128Store, v * vectorBytes),
            ),
        );
      },
    );
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
