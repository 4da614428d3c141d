/** The product for operands of any strides, one element of c at a time. */
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import { minimum, writeDepthBlocks } from "./block.ts";
import type { Element } from "./element.ts";
import { integersIn, named } from "./parameters.ts";

/** Addresses, strides in bytes, sizes, and whether c is added to. */
export const gemmAnyParameters = [
  "a",
  "aRow",
  "aCol",
  "b",
  "bRow",
  "bCol",
  "c",
  "cRow",
  "cCol",
  "m",
  "n",
  "k",
  "add",
] as const;
export const gemmAnySignature = integersIn(gemmAnyParameters);

export function writeGemmAny(code: Code, locals: Locals, element: Element): void {
  const p = named(gemmAnyParameters, locals);
  const [row, column, aAt, bAt, cAt, cRowAt, left] = locals.many(7, "i32") as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const [sum, total] = [locals.fresh(element.type), locals.fresh(element.type)];
  const zero = (): Code => (element.type === "f32" ? code.f32(0) : code.f64(0));
  code
    .get(p.m)
    .i32(1)
    .op(op.i32LtS)
    .get(p.n)
    .i32(1)
    .op(op.i32LtS, op.i32Or)
    .if(() => code.op(op.return));
  code.get(p.c).set(cRowAt);
  code.i32(0).set(row);
  code.loop(() => {
    code.i32(0).set(column).get(cRowAt).set(cAt);
    code.loop(() => {
      code.get(p.add).if(
        () => code.get(cAt).memory(element.load).set(total),
        () => zero().set(total),
      );
      code.get(p.a, row, p.aRow).op(op.i32Mul, op.i32Add).set(aAt);
      code.get(p.b, column, p.bCol).op(op.i32Mul, op.i32Add).set(bAt);
      code
        .get(p.k)
        .i32(0)
        .op(op.i32GtS)
        .if(() => {
          writeDepthBlocks(code, locals, p.k, p.add, ({ depth }) => {
            zero().set(sum);
            code.get(depth).set(left);
            code.loop(() => {
              code
                .get(sum, aAt)
                .memory(element.load)
                .get(bAt)
                .memory(element.load)
                .op(element.mul, element.add)
                .set(sum);
              code.get(aAt, p.aCol).op(op.i32Add).set(aAt);
              code.get(bAt, p.bRow).op(op.i32Add).set(bAt);
              code.get(left).i32(1).op(op.i32Sub).tee(left).brIf(0);
            });
            code.get(total, sum).op(element.add).set(total);
          });
        });
      code.get(cAt, total).memory(element.store);
      code.get(cAt, p.cCol).op(op.i32Add).set(cAt);
      code.get(column).i32(1).op(op.i32Add).tee(column).get(p.n).op(op.i32LtS).brIf(0);
    });
    code.get(cRowAt, p.cRow).op(op.i32Add).set(cRowAt);
    code.get(row).i32(1).op(op.i32Add).tee(row).get(p.m).op(op.i32LtS).brIf(0);
  });
}

/** Panel by panel; `any` is the function that `writeGemmAny` writes. */
export function writeGemmAnyPacked(
  code: Code,
  locals: Locals,
  element: Element,
  width: number,
  any: number,
): void {
  const p = named(gemmAnyParameters, locals);
  const [first, columns] = [locals.fresh("i32"), locals.fresh("i32")];
  code
    .get(p.n)
    .i32(1)
    .op(op.i32LtS)
    .if(() => code.op(op.return));
  code.loop(() => {
    minimum(
      code,
      columns,
      () => code.get(p.n, first).op(op.i32Sub),
      () => code.i32(width),
    );
    code.get(p.a, p.aRow, p.aCol);
    code
      .get(p.b, first, p.k)
      .op(op.i32Mul)
      .i32(element.bytes)
      .op(op.i32Mul, op.i32Add)
      .i32(width * element.bytes)
      .i32(element.bytes);
    code
      .get(p.c, first, p.cCol)
      .op(op.i32Mul, op.i32Add)
      .get(p.cRow, p.cCol, p.m, columns, p.k, p.add)
      .call(any);
    code.get(first).i32(width).op(op.i32Add).tee(first).get(p.n).op(op.i32LtS).brIf(0);
  });
}
