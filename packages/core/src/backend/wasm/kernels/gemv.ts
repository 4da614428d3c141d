/** A row times b, without tiles of rows: c[j] = sum of a[k] b[k, j] for consecutive columns j of c. */
import { InternalError } from "../../../errors/errors.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import type { Signature } from "../encoder/module.ts";
import { op } from "../encoder/opcodes.ts";
import { type DepthBlock, minimum, writeDepthBlocks } from "./block.ts";
import { clearVector, type Element, vectorBytes, writeTranspose } from "./element.ts";
import type { GemvKind, KernelLibrary } from "./library.ts";
import { named } from "./micro.ts";

/** `bRow` and `bCol` are the strides of b in bytes; a packed b has none. */
export const gemvParameters = ["a", "aCol", "b", "bRow", "bCol", "c", "n", "k", "add"] as const;
export const gemvSignature: Signature = {
  params: gemvParameters.map(() => "i32" as const),
  results: [],
};
type GemvParameters = Readonly<Record<(typeof gemvParameters)[number], Local>>;

/** `bStep` is the stride of rows, of columns, or of panels. The lanes from <= lane < to are stored. */
const tileParameters = ["a", "aCol", "b", "bStep", "c", "depth", "from", "to", "add"] as const;
export const gemvTileSignature: Signature = {
  params: tileParameters.map(() => "i32" as const),
  results: [],
};
type TileParameters = Readonly<Record<(typeof tileParameters)[number], Local>>;

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
export const gemmColumnsSignature: Signature = {
  params: columnsParameters.map(() => "i32" as const),
  results: [],
};

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
      code
        .get(accumulator, broadcast, panel)
        .memory(op.v128Load, (v % perPanel) * vectorBytes)
        .op(element.vectorMul, element.vectorAdd)
        .set(accumulator);
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
    void code.get(accumulator, x, y).op(element.vectorMul, element.vectorAdd).set(accumulator);
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
