/** Lays b out in panels: all rows of the first `width` columns, then those of the next ones; the last panel is filled up with zeros. */
import { InternalError } from "../../../errors/errors.ts";
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import { minimum } from "./block.ts";
import { type Element, vectorBytes, writeTranspose } from "./element.ts";
import type { Layout } from "./library.ts";
import { integersIn, named, type Named } from "./parameters.ts";

/** Addresses, strides in bytes, sizes. */
export const packParameters = ["b", "bRow", "bCol", "into", "n", "k"] as const;
export const packSignature = integersIn(packParameters);
type PackParameters = Named<(typeof packParameters)[number]>;

/** Rows that are copied for all panels before the next ones, so that a cache line of b is still there for the next panel. */
const rowsAtOnce = 8;

/** `any` is the kernel for any strides, which fills the last panel. */
export function writePackKernel(
  code: Code,
  locals: Locals,
  element: Element,
  kind: Layout,
  width: number,
  any: () => number,
): void {
  const p = named(packParameters, locals);
  code
    .get(p.n)
    .i32(1)
    .op(op.i32LtS)
    .get(p.k)
    .i32(1)
    .op(op.i32LtS, op.i32Or)
    .if(() => code.op(op.return));
  if (kind === "any") {
    writeAny(code, locals, element, p, width);
    return;
  }
  const [whole, panelBytes] = [locals.fresh("i32"), locals.fresh("i32")];
  code
    .get(p.k)
    .i32(width * element.bytes)
    .op(op.i32Mul)
    .set(panelBytes);
  code
    .get(p.n)
    .i32(width)
    .op(op.i32DivS)
    .tee(whole)
    .if(() => {
      if (kind === "rows") writeFromRows(code, locals, element, p, width, whole, panelBytes);
      else writeFromColumns(code, locals, element, p, width, whole);
    });
  code
    .get(p.n)
    .i32(width)
    .op(op.i32RemS)
    .if(() => {
      code
        .get(p.b, whole, p.bCol)
        .i32(width)
        .op(op.i32Mul, op.i32Mul, op.i32Add)
        .get(p.bRow, p.bCol);
      code
        .get(p.into, whole, panelBytes)
        .op(op.i32Mul, op.i32Add)
        .get(p.n)
        .i32(width)
        .op(op.i32RemS)
        .get(p.k)
        .call(any());
    });
}

/** For p, for k: copy vectors. In bands of rows. */
function writeFromRows(
  code: Code,
  locals: Locals,
  element: Element,
  p: PackParameters,
  width: number,
  whole: Local,
  panelBytes: Local,
): void {
  const [first, rows, panel, from, to, fromBand, toBand, left] = locals.many(8, "i32") as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const bytes = width * element.bytes;
  code.i32(0).set(first);
  code.loop(() => {
    minimum(
      code,
      rows,
      () => code.get(p.k, first).op(op.i32Sub),
      () => code.i32(rowsAtOnce),
    );
    code.get(p.b, first, p.bRow).op(op.i32Mul, op.i32Add).set(fromBand);
    code.get(p.into, first).i32(bytes).op(op.i32Mul, op.i32Add).set(toBand);
    code.get(whole).set(panel);
    code.loop(() => {
      code.get(fromBand).set(from).get(toBand).set(to).get(rows).set(left);
      code.loop(() => {
        for (let at = 0; at < bytes; at += vectorBytes)
          code.get(to, from).memory(op.v128Load, at).memory(op.v128Store, at);
        code.get(from, p.bRow).op(op.i32Add).set(from);
        code.get(to).i32(bytes).op(op.i32Add).set(to);
        code.get(left).i32(1).op(op.i32Sub).tee(left).brIf(0);
      });
      code.get(fromBand).i32(bytes).op(op.i32Add).set(fromBand);
      code.get(toBand, panelBytes).op(op.i32Add).set(toBand);
      code.get(panel).i32(1).op(op.i32Sub).tee(panel).brIf(0);
    });
    code.get(first).i32(rowsAtOnce).op(op.i32Add).tee(first).get(p.k).op(op.i32LtS).brIf(0);
  });
}

/** Squares of lanes x lanes elements are transposed; the rest along k goes element by element. */
function writeFromColumns(
  code: Code,
  locals: Locals,
  element: Element,
  p: PackParameters,
  width: number,
  whole: Local,
): void {
  const { lanes, bytes } = element;
  const columns = locals.many(lanes, "i32");
  const [square, turned] = [locals.many(lanes, "v128"), locals.many(lanes, "v128")];
  const [panel, left, to, b, into] = locals.many(5, "i32") as [Local, Local, Local, Local, Local];
  code.get(whole).set(panel).get(p.b).set(b).get(p.into).set(into);
  const advance = (elements: number): void => {
    for (const column of columns)
      code
        .get(column)
        .i32(elements * bytes)
        .op(op.i32Add)
        .set(column);
    code
      .get(to)
      .i32(elements * width * bytes)
      .op(op.i32Add)
      .set(to);
    code.get(left).i32(1).op(op.i32Sub).tee(left).brIf(0);
  };
  code.loop(() => {
    for (let group = 0; group < width / lanes; group++) {
      for (const column of columns) {
        code.get(b).set(column);
        code.get(b, p.bCol).op(op.i32Add).set(b);
      }
      code
        .get(into)
        .i32(group * vectorBytes)
        .op(op.i32Add)
        .set(to);
      code
        .get(p.k)
        .i32(lanes)
        .op(op.i32DivS)
        .tee(left)
        .if(() => {
          code.loop(() => {
            square.forEach((row, i) =>
              code
                .get(columns[i] ?? missing())
                .memory(op.v128Load)
                .set(row),
            );
            writeTranspose(code, element, square, turned);
            turned.forEach((row, i) => code.get(to, row).memory(op.v128Store, i * width * bytes));
            advance(lanes);
          });
        });
      code
        .get(p.k)
        .i32(lanes - 1)
        .op(op.i32And)
        .tee(left)
        .if(() => {
          code.loop(() => {
            columns.forEach((column, i) =>
              code
                .get(to, column)
                .memory(element.load)
                .memory(element.store, i * bytes),
            );
            advance(1);
          });
        });
    }
    code
      .get(into, p.k)
      .i32(width * bytes)
      .op(op.i32Mul, op.i32Add)
      .set(into);
    code.get(panel).i32(1).op(op.i32Sub).tee(panel).brIf(0);
  });
}

/** Any strides, and the zeros of an incomplete panel. */
function writeAny(
  code: Code,
  locals: Locals,
  element: Element,
  p: PackParameters,
  width: number,
): void {
  const [first, row, column, from, to] = locals.many(5, "i32") as [
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  code.get(p.into).set(to).i32(0).set(first);
  code.loop(() => {
    code.i32(0).set(row);
    code.loop(() => {
      code.get(first).set(column);
      code
        .get(p.b, row, p.bRow)
        .op(op.i32Mul, op.i32Add)
        .get(first, p.bCol)
        .op(op.i32Mul, op.i32Add)
        .set(from);
      code.loop(() => {
        code
          .get(column, p.n)
          .op(op.i32LtS)
          .if(
            () => code.get(to, from).memory(element.load).memory(element.store),
            () =>
              (element.type === "f32" ? code.get(to).f32(0) : code.get(to).f64(0)).memory(
                element.store,
              ),
          );
        code.get(from, p.bCol).op(op.i32Add).set(from);
        code.get(to).i32(element.bytes).op(op.i32Add).set(to);
        code
          .get(column)
          .i32(1)
          .op(op.i32Add)
          .tee(column)
          .get(first)
          .i32(width)
          .op(op.i32Add, op.i32LtS)
          .brIf(0);
      });
      code.get(row).i32(1).op(op.i32Add).tee(row).get(p.k).op(op.i32LtS).brIf(0);
    });
    code.get(first).i32(width).op(op.i32Add).tee(first).get(p.n).op(op.i32LtS).brIf(0);
  });
}

function missing(): never {
  throw new InternalError("a panel without columns");
}
