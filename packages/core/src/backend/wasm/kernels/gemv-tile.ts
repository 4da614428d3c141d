/** The inner part of a row times b: a few vectors of consecutive columns, from the first k to the last of a block. */
import { InternalError } from "../../../errors/errors.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import { clearVector, type Element, vectorBytes, writeTranspose } from "./element.ts";
import type { GemvKind } from "./library.ts";
import { integersIn, named, type Named } from "./parameters.ts";

/** `bStep` is the stride of rows, of columns, or of panels. The lanes from <= lane < to are stored. */
const tileParameters = ["a", "aCol", "b", "bStep", "c", "depth", "from", "to", "add"] as const;
export const gemvTileSignature = integersIn(tileParameters);
type TileParameters = Named<(typeof tileParameters)[number]>;

/** Writes the body of the function for `vectors` vectors of columns. `width` is that of a panel. */
export function writeGemvTile(
  code: Code,
  locals: Locals,
  element: Element,
  kind: GemvKind,
  vectors: number,
  width: number,
  storeLanes: number,
): void {
  const p = named(tileParameters, locals);
  const accumulators = locals.many(vectors, "v128");
  for (const accumulator of accumulators) clearVector(code, accumulator);
  if (kind === "columns") writeAlongColumns(code, locals, element, p, accumulators);
  else
    writeAlongRows(code, locals, element, p, accumulators, kind === "packed" ? width : undefined);
  storeRow(code, element, p, accumulators, storeLanes);
}

function writeAlongRows(
  code: Code,
  locals: Locals,
  element: Element,
  p: TileParameters,
  accumulators: readonly Local[],
  width: number | undefined,
): void {
  const perPanel = width === undefined ? accumulators.length : width / element.lanes;
  const panels = locals.many(accumulators.length / perPanel, "i32");
  const broadcast = locals.fresh("v128");
  panels.forEach((panel, q) => code.get(p.b, p.bStep).i32(q).op(op.i32Mul, op.i32Add).set(panel));
  code.loop(() => {
    code.get(p.a).memory(element.loadSplat).set(broadcast);
    accumulators.forEach((accumulator, v) => {
      const panel = panels[Math.floor(v / perPanel)] ?? missing();
      element.multiplyAdd(code, accumulator, broadcast, () =>
        code.get(panel).memory(op.v128Load, (v % perPanel) * vectorBytes),
      );
    });
    code.get(p.a, p.aCol).op(op.i32Add).set(p.a);
    for (const panel of panels) {
      code.get(panel);
      if (width === undefined) code.get(p.bStep);
      else code.i32(width * element.bytes);
      code.op(op.i32Add).set(panel);
    }
    countDown(code, p.depth);
  });
}

/** Lanes must hold different columns, and each column lies along k: squares of lanes x lanes elements are transposed on the way. */
function writeAlongColumns(
  code: Code,
  locals: Locals,
  element: Element,
  p: TileParameters,
  accumulators: readonly Local[],
): void {
  const { lanes, bytes } = element;
  const columns = accumulators.map(() => locals.many(lanes, "i32"));
  const [square, turned, broadcast] = [
    locals.many(lanes, "v128"),
    locals.many(lanes, "v128"),
    locals.many(lanes, "v128"),
  ];
  const [along, wholes] = [locals.fresh("i32"), locals.fresh("i32")];
  columns
    .flat()
    .forEach((column, j) => code.get(p.b, p.bStep).i32(j).op(op.i32Mul, op.i32Add).set(column));
  const nextOfA = (into: Local): void => {
    code.get(p.a).memory(element.loadSplat).set(into);
    code.get(p.a, p.aCol).op(op.i32Add).set(p.a);
  };
  const multiplyAdd = (accumulator: Local, x: Local, y: Local): void =>
    element.multiplyAdd(code, accumulator, x, () => code.get(y));
  code
    .get(p.depth)
    .i32(lanes)
    .op(op.i32DivS)
    .tee(wholes)
    .if(() => {
      code.loop(() => {
        broadcast.forEach(nextOfA);
        accumulators.forEach((accumulator, g) => {
          square.forEach((row, i) =>
            code
              .get(columns[g]?.[i] ?? missing(), along)
              .op(op.i32Add)
              .memory(op.v128Load)
              .set(row),
          );
          writeTranspose(code, element, square, turned);
          turned.forEach((step, i) => multiplyAdd(accumulator, broadcast[i] ?? missing(), step));
        });
        code
          .get(along)
          .i32(lanes * bytes)
          .op(op.i32Add)
          .set(along);
        countDown(code, wholes);
      });
    });
  code
    .get(p.depth)
    .i32(lanes - 1)
    .op(op.i32And)
    .tee(p.depth)
    .if(() => {
      code.loop(() => {
        const [x, step] = [broadcast[0] ?? missing(), turned[0] ?? missing()];
        nextOfA(x);
        accumulators.forEach((accumulator, g) => {
          columns[g]?.forEach((column, lane) => {
            code.get(column, along).op(op.i32Add);
            if (lane === 0) code.memory(element.loadZero).set(step);
            else code.get(step).memory(element.loadLane, 0, lane).set(step);
          });
          multiplyAdd(accumulator, x, step);
        });
        code.get(along).i32(bytes).op(op.i32Add).set(along);
        countDown(code, p.depth);
      });
    });
}

/** Ends a loop: once more while the count is not 0. */
function countDown(code: Code, count: Local): void {
  code.get(count).i32(1).op(op.i32Sub).tee(count).brIf(0);
}

function storeRow(
  code: Code,
  element: Element,
  p: TileParameters,
  accumulators: readonly Local[],
  storeLanes: number,
): void {
  const { lanes } = element;
  code
    .get(p.from, p.to)
    .i32(accumulators.length * lanes)
    .op(op.i32LtS, op.i32Or)
    .if(
      () =>
        accumulators.forEach((accumulator, v) => {
          code
            .get(p.c)
            .i32(v * vectorBytes)
            .op(op.i32Add)
            .get(accumulator);
          code
            .get(p.from)
            .i32(v * lanes)
            .op(op.i32Sub)
            .get(p.to)
            .i32(v * lanes)
            .op(op.i32Sub)
            .get(p.add)
            .call(storeLanes);
        }),
      () => {
        code.get(p.add).if(
          () =>
            accumulators.forEach((accumulator, v) =>
              code
                .get(p.c, p.c)
                .memory(op.v128Load, v * vectorBytes)
                .get(accumulator)
                .op(element.vectorAdd)
                .memory(op.v128Store, v * vectorBytes),
            ),
          () =>
            accumulators.forEach((accumulator, v) =>
              code.get(p.c, accumulator).memory(op.v128Store, v * vectorBytes),
            ),
        );
      },
    );
}

function missing(): never {
  throw new InternalError("a kernel without vectors");
}
