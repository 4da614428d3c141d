/** A row times b, without tiles of rows: c[j] = sum of a[k] b[k, j] for consecutive columns j of c. */
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import { type DepthBlock, minimum, writeDepthBlocks } from "./block.ts";
import type { Element } from "./element.ts";
import type { GemvKind, KernelLibrary } from "./library.ts";
import { integersIn, named, type Named } from "./parameters.ts";

/** `bRow` and `bCol` are the strides of b in bytes; a packed b has none. */
export const gemvParameters = ["a", "aCol", "b", "bRow", "bCol", "c", "n", "k", "add"] as const;
export const gemvSignature = integersIn(gemvParameters);
type GemvParameters = Named<(typeof gemvParameters)[number]>;

/** Accumulators at most: along rows each needs one load a step, along columns a transpose. */
const mostVectors = { rows: 7, columns: 2, packed: 6 } as const;

export function writeGemv(
  code: Code,
  locals: Locals,
  element: Element,
  kind: GemvKind,
  kernels: KernelLibrary,
): void {
  const p = named(gemvParameters, locals);
  code
    .get(p.n)
    .i32(1)
    .op(op.i32LtS)
    .if(() => code.op(op.return));
  code
    .get(p.k)
    .i32(1)
    .op(op.i32LtS)
    .if(() => {
      code
        .get(p.add)
        .op(op.i32Eqz)
        .if(() => code.get(p.c).i32(0).get(p.n).i32(element.bytes).op(op.i32Mul).memoryFill());
      code.op(op.return);
    });
  if (kind === "packed") {
    writePackedColumns(code, locals, element, p, kernels);
    return;
  }
  code
    .get(p.n)
    .i32(element.lanes)
    .op(op.i32LtS)
    .if(() => {
      code
        .get(p.a)
        .i32(0)
        .get(p.aCol, p.b, p.bRow, p.bCol, p.c)
        .i32(0)
        .i32(element.bytes)
        .i32(1)
        .get(p.n, p.k, p.add);
      code.call(kernels.gemmAny(element.type)).op(op.return);
    });
  writeColumns(code, locals, element, kind, p, kernels);
}

const columnsParameters = [
  "a",
  "aRow",
  "aCol",
  "b",
  "bRow",
  "bCol",
  "c",
  "cRow",
  "m",
  "n",
  "k",
  "add",
] as const;
export const gemmColumnsSignature = integersIn(columnsParameters);

/** Every row of a by itself; `gemv` is the function that `writeGemv` writes for columns. */
export function writeGemmColumns(code: Code, locals: Locals, gemv: number): void {
  const p = named(columnsParameters, locals);
  code
    .get(p.m)
    .i32(0)
    .op(op.i32GtS)
    .if(() => {
      code.loop(() => {
        code.get(p.a, p.aCol, p.b, p.bRow, p.bCol, p.c, p.n, p.k, p.add).call(gemv);
        code.get(p.a, p.aRow).op(op.i32Add).set(p.a);
        code.get(p.c, p.cRow).op(op.i32Add).set(p.c);
        code.get(p.m).i32(1).op(op.i32Sub).tee(p.m).brIf(0);
      });
    });
}

/** Columns in groups of vectors; a last vector that would be incomplete moves to the left and stores only the lanes that are new. */
function writeColumns(
  code: Code,
  locals: Locals,
  element: Element,
  kind: "rows" | "columns",
  p: GemvParameters,
  kernels: KernelLibrary,
): void {
  const most = mostVectors[kind];
  const [column, start, vectors, from] = locals.many(4, "i32") as [Local, Local, Local, Local];
  const lanes = element.lanes;
  writeDepthBlocks(code, locals, p.k, p.add, (block) => {
    code.i32(0).set(column);
    code.loop(() => {
      code
        .get(p.n, column)
        .op(op.i32Sub)
        .i32(lanes - 1)
        .op(op.i32Add)
        .i32(lanes)
        .op(op.i32DivS)
        .set(vectors);
      // Two groups that share what is left evenly are faster than a full one and a small one.
      code
        .get(vectors)
        .i32(most)
        .op(op.i32GtS)
        .if(() => {
          minimum(
            code,
            vectors,
            () => code.get(vectors).i32(1).op(op.i32Add).i32(2).op(op.i32DivS),
            () => code.i32(most),
          );
        });
      code.get(p.n, vectors).i32(lanes).op(op.i32Mul, op.i32Sub).set(start);
      code
        .get(start, column)
        .op(op.i32LtS)
        .get(start)
        .i32(0)
        .op(op.i32GeS, op.i32And)
        .if(
          () => code.get(column, start).op(op.i32Sub).set(from),
          () => {
            code
              .get(start, column)
              .op(op.i32LtS)
              .if(() => code.get(vectors).i32(1).op(op.i32Sub).set(vectors));
            code.get(column).set(start).i32(0).set(from);
          },
        );
      for (let v = 1; v <= most; v++) {
        code
          .get(vectors)
          .i32(v)
          .op(op.i32Eq)
          .if(() => callTile(code, element, kind, p, block, { start, from, vectors: v }, kernels));
      }
      code
        .get(start, vectors)
        .i32(lanes)
        .op(op.i32Mul, op.i32Add)
        .tee(column)
        .get(p.n)
        .op(op.i32LtS)
        .brIf(0);
    });
  });
}

interface TileCall {
  readonly start: Local;
  readonly from: Local;
  readonly vectors: number;
}

function callTile(
  code: Code,
  element: Element,
  kind: "rows" | "columns",
  p: GemvParameters,
  block: DepthBlock,
  tile: TileCall,
  kernels: KernelLibrary,
): void {
  code.get(p.a, block.from, p.aCol).op(op.i32Mul, op.i32Add).get(p.aCol);
  code
    .get(p.b, block.from, p.bRow)
    .op(op.i32Mul, op.i32Add)
    .get(tile.start, p.bCol)
    .op(op.i32Mul, op.i32Add);
  code.get(kind === "rows" ? p.bRow : p.bCol);
  code.get(p.c, tile.start).i32(element.bytes).op(op.i32Mul, op.i32Add);
  code
    .get(block.depth, tile.from)
    .i32(tile.vectors * element.lanes)
    .get(block.add)
    .call(kernels.gemvTile(element, kind, tile.vectors));
}

/** Several panels at once while there are enough, then one by one. */
function writePackedColumns(
  code: Code,
  locals: Locals,
  element: Element,
  p: GemvParameters,
  kernels: KernelLibrary,
): void {
  const width = kernels.panelWidth(element.type);
  const perPanel = width / element.lanes;
  const together = Math.max(1, Math.floor(mostVectors.packed / perPanel));
  const [column, panelBytes, bAt, cAt, zero, left] = locals.many(6, "i32") as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  code
    .get(p.k)
    .i32(width * element.bytes)
    .op(op.i32Mul)
    .set(panelBytes);
  const call = (panels: number, block: DepthBlock): void => {
    code
      .get(p.a, block.from, p.aCol)
      .op(op.i32Mul, op.i32Add)
      .get(p.aCol, bAt, panelBytes, cAt, block.depth, zero, left, block.add);
    code.call(kernels.gemvTile(element, "packed", panels * perPanel));
    code.get(bAt, panelBytes).i32(panels).op(op.i32Mul, op.i32Add).set(bAt);
    code
      .get(cAt)
      .i32(panels * width * element.bytes)
      .op(op.i32Add)
      .set(cAt);
    code
      .get(column)
      .i32(panels * width)
      .op(op.i32Add)
      .set(column);
  };
  writeDepthBlocks(code, locals, p.k, p.add, (block) => {
    code.i32(0).set(column).get(p.c).set(cAt);
    code
      .get(p.b, block.from)
      .i32(width * element.bytes)
      .op(op.i32Mul, op.i32Add)
      .set(bAt);
    code.loop(() => {
      code
        .get(p.n, column)
        .op(op.i32Sub)
        .tee(left)
        .i32(together * width)
        .op(op.i32GeS)
        .if(
          () => call(together, block),
          () => call(1, block),
        );
      code.get(column, p.n).op(op.i32LtS).brIf(0);
    });
  });
}
