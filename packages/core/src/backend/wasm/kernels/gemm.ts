/**
 * c = a b or c + a b, where b is packed in panels or row-major: blocks along k, blocks of rows that keep their part of a in the second
 * cache, as they lie or copied there, columns of tiles, tiles.
 */
import { rowsOfBlock } from "../../../loop-ir/product-block.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import { type DepthBlock, minimum, writeDepthBlocks } from "./block.ts";
import { type Element, vectorBytes } from "./element.ts";
import type { KernelLibrary, LayoutOfA, Microkernel } from "./library.ts";
import { integersIn, named, type Named } from "./parameters.ts";
import { RowSplit } from "./row-split.ts";
import type { Tile } from "./tile.ts";

/** Addresses, strides in bytes, sizes, and whether c is added to. The elements of a row of b (unless packed) and of c are consecutive. */
export const gemmParameters = [
  "a",
  "aRow",
  "aCol",
  "b",
  "bRow",
  "c",
  "cRow",
  "m",
  "n",
  "k",
  "add",
] as const;
export type GemmParameters = Named<(typeof gemmParameters)[number]>;
export const gemmSignature = integersIn(gemmParameters);

/** The same, and where a block of a is copied to; the elements of a column of a are consecutive. */
const gemmTilesParameters = [...gemmParameters, "scratch"] as const;
export const gemmTilesSignature = integersIn(gemmTilesParameters);

/** What a product is written for. */
export interface Gemm {
  readonly element: Element;
  readonly tile: Tile;
  /** "tiles": the elements of a column of a are consecutive, and the kernel copies blocks of a to that layout. */
  readonly a: LayoutOfA;
  /** That of the panels of a packed b; undefined where b is row-major. */
  readonly width: number | undefined;
}

export function writeGemm(code: Code, locals: Locals, gemm: Gemm, kernels: KernelLibrary): void {
  const { element, tile, a, width } = gemm;
  const bStep = width === undefined ? undefined : width * element.bytes;
  const p = named(gemmParameters, locals);
  const scratch = a === "tiles" ? named(gemmTilesParameters, locals).scratch : undefined;
  writeTrivialCases(code, locals, element, p);
  if (width === undefined) {
    // Microkernels load whole vectors of b.
    code
      .get(p.n)
      .i32(element.lanes)
      .op(op.i32LtS)
      .if(() => {
        code
          .get(p.a, p.aRow, p.aCol, p.b, p.bRow)
          .i32(element.bytes)
          .get(p.c, p.cRow)
          .i32(element.bytes)
          .get(p.m, p.n, p.k, p.add);
        code.call(kernels.gemmAny(element.type)).op(op.return);
      });
  }
  const [panelBytes, depthBytes, firstRow, rows] = locals.many(4, "i32") as [
    Local,
    Local,
    Local,
    Local,
  ];
  if (bStep !== undefined) code.get(p.k).i32(bStep).op(op.i32Mul).set(panelBytes);
  const split = new RowSplit(code, locals, tile);
  const column = new ColumnLoop(code, locals, { p, element, tile, width, panelBytes });
  writeDepthBlocks(code, locals, p.k, p.add, (block) => {
    if (scratch !== undefined)
      code.get(block.depth).i32(element.bytes).op(op.i32Mul).set(depthBytes);
    code.i32(0).set(firstRow);
    code.loop(() => {
      minimum(
        code,
        rows,
        () => code.get(p.m, firstRow).op(op.i32Sub),
        () => code.i32(rowsOfBlock),
      );
      split.write(rows);
      const leftAt = (rowsBefore: Local): void =>
        offset(code, p.a, [
          [block.from, p.aCol],
          [firstRow, p.aRow],
          [rowsBefore, p.aRow],
        ]);
      if (scratch !== undefined)
        split.each((count, tileRows, rowsBefore) => {
          leftAt(rowsBefore);
          code.get(p.aCol);
          offset(code, scratch, [[rowsBefore, depthBytes]]);
          code.get(block.depth, count).call(kernels.copyTiles(element, tileRows));
        });
      const tiles = (b: Local, kernel: (rows: number) => number, ...edges: Local[]): void =>
        split.each((count, tileRows, rowsBefore) => {
          if (scratch === undefined) {
            leftAt(rowsBefore);
            code.get(p.aRow, p.aCol, b);
          } else {
            offset(code, scratch, [[rowsBefore, depthBytes]]);
            code.get(depthBytes).i32(0).get(b);
          }
          if (bStep === undefined) code.get(p.bRow);
          else code.i32(bStep);
          offset(code, p.c, [
            [firstRow, p.cRow],
            [rowsBefore, p.cRow],
          ]);
          code.get(column.first).i32(element.bytes).op(op.i32Mul, op.i32Add);
          code.get(p.cRow, block.depth, count, block.add, ...edges).call(kernel(tileRows));
        });
      const micro = (tileRows: number, vectors: number): Microkernel => ({
        element,
        tile: { rows: tileRows, vectors },
        a,
        bStep,
      });
      column.write(
        block,
        (b, vectors) => tiles(b, (tileRows) => kernels.micro(micro(tileRows, vectors))),
        (b, from, to) => tiles(b, (tileRows) => kernels.microEdge(micro(tileRows, 1)), from, to),
      );
      code
        .get(firstRow)
        .i32(rowsOfBlock)
        .op(op.i32Add)
        .tee(firstRow)
        .get(p.m)
        .op(op.i32LtS)
        .brIf(0);
    });
  });
}

/** Writes base + sum of count * stride. */
function offset(code: Code, base: Local, steps: readonly (readonly [Local, Local])[]): void {
  code.get(base);
  for (const [count, stride] of steps) code.get(count, stride).op(op.i32Mul, op.i32Add);
}

/** Returns for empty results, and for an empty sum, which is 0. */
function writeTrivialCases(code: Code, locals: Locals, element: Element, p: GemmParameters): void {
  const [row, at] = [locals.fresh("i32"), locals.fresh("i32")];
  code
    .get(p.m)
    .i32(1)
    .op(op.i32LtS)
    .get(p.n)
    .i32(1)
    .op(op.i32LtS, op.i32Or)
    .if(() => code.op(op.return));
  code
    .get(p.k)
    .i32(1)
    .op(op.i32LtS)
    .if(() => {
      code.get(p.add).if(() => code.op(op.return));
      code.get(p.c).set(at);
      code.loop(() => {
        code.get(at).i32(0).get(p.n).i32(element.bytes).op(op.i32Mul).memoryFill();
        code.get(at, p.cRow).op(op.i32Add).set(at);
        code.get(row).i32(1).op(op.i32Add).tee(row).get(p.m).op(op.i32LtS).brIf(0);
      });
      code.op(op.return);
    });
}

interface Columns {
  readonly p: GemmParameters;
  readonly element: Element;
  readonly tile: Tile;
  readonly width: number | undefined;
  readonly panelBytes: Local;
}

/** Runs along the columns of b and c: whole tiles, narrower ones for what is left, and single vectors, of which the last may be incomplete. */
class ColumnLoop {
  /** The first column of the tile. */
  readonly first: Local;
  readonly #code: Code;
  readonly #shape: Columns;
  readonly #b: Local;
  readonly #from: Local;
  readonly #to: Local;
  readonly #lastWhole: Local;

  constructor(code: Code, locals: Locals, shape: Columns) {
    this.#code = code;
    this.#shape = shape;
    [this.first, this.#b, this.#from, this.#to, this.#lastWhole] = locals.many(5, "i32") as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
  }

  write(
    block: DepthBlock,
    whole: (b: Local, vectors: number) => void,
    edge: (b: Local, from: Local, to: Local) => void,
  ): void {
    const { p, element, width, tile } = this.#shape;
    const code = this.#code;
    code.i32(0).set(this.first);
    code.get(p.b, block.from);
    if (width === undefined) code.get(p.bRow);
    else code.i32(width * element.bytes);
    code.op(op.i32Mul, op.i32Add).set(this.#b);
    this.#whileWhole(tile.vectors, () => {
      whole(this.#b, tile.vectors);
      this.#toNextTile();
    });
    for (let vectors = tile.vectors >> 1; vectors > 1; vectors >>= 1)
      this.#whileWhole(vectors, () => {
        whole(this.#b, vectors);
        this.#along(vectors);
      });
    code
      .get(this.first, p.n)
      .op(op.i32LtS)
      .if(() => this.#writeEdge(edge));
  }

  /** Repeats `body`, which leaves the first column of the next tile on the stack, while so many vectors are whole. */
  #whileWhole(vectors: number, body: () => void): void {
    const { p, element } = this.#shape;
    const code = this.#code;
    code
      .get(p.n)
      .i32(vectors * element.lanes)
      .op(op.i32Sub)
      .tee(this.#lastWhole)
      .get(this.first)
      .op(op.i32GeS)
      .if(() => {
        code.loop(() => {
          body();
          code.get(this.#lastWhole).op(op.i32LeS).brIf(0);
        });
      });
  }

  #writeEdge(edge: (b: Local, from: Local, to: Local) => void): void {
    const { p, element, width } = this.#shape;
    const code = this.#code;
    code.i32(0).set(this.#from);
    code.loop(() => {
      if (width === undefined) {
        this.#shiftLastVector();
        code.i32(element.lanes).set(this.#to);
      } else code.get(p.n, this.first).op(op.i32Sub).set(this.#to);
      edge(this.#b, this.#from, this.#to);
      this.#along(1);
      code.get(p.n).op(op.i32LtS).brIf(0);
    });
  }

  /** Goes on by vectors of the same panel, and leaves the first column there on the stack. */
  #along(vectors: number): void {
    this.#code
      .get(this.#b)
      .i32(vectors * vectorBytes)
      .op(op.i32Add)
      .set(this.#b);
    this.#toFirst(vectors);
  }

  #toFirst(vectors: number): void {
    this.#code
      .get(this.first)
      .i32(vectors * this.#shape.element.lanes)
      .op(op.i32Add)
      .tee(this.first);
  }

  /** An incomplete last vector of a row-major b moves to the left, and stores only what the one before it has not: nothing is read past b. */
  #shiftLastVector(): void {
    const { p, element } = this.#shape;
    const code = this.#code;
    code
      .get(this.first)
      .i32(element.lanes)
      .op(op.i32Add)
      .get(p.n)
      .op(op.i32Sub)
      .tee(this.#from)
      .i32(0)
      .op(op.i32GtS)
      .if(
        () => {
          code.get(this.first, this.#from).op(op.i32Sub).set(this.first);
          code.get(this.#b, this.#from).i32(element.bytes).op(op.i32Mul, op.i32Sub).set(this.#b);
        },
        () => code.i32(0).set(this.#from),
      );
  }

  #toNextTile(): void {
    const { element, width, panelBytes, tile } = this.#shape;
    const columns = tile.vectors * element.lanes;
    const code = this.#code;
    if (width === columns) code.get(this.#b, panelBytes).op(op.i32Add).set(this.#b);
    else
      code
        .get(this.#b)
        .i32(columns * element.bytes)
        .op(op.i32Add)
        .set(this.#b);
    this.#toFirst(tile.vectors);
    if (width === undefined || width === columns) return;
    code
      .get(this.first)
      .i32(width)
      .op(op.i32RemS, op.i32Eqz)
      .if(() => {
        code
          .get(this.#b, panelBytes)
          .op(op.i32Add)
          .i32(width * element.bytes)
          .op(op.i32Sub)
          .set(this.#b);
      });
  }
}
