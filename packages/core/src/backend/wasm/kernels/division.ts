/** Division of integers that never traps: by zero it gives 0, and -2^31 / -1 wraps. */
import type { Code, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";

/** Truncating quotient; Python's `//`; Python's `%`. */
export type IntegerDivision = "div" | "floorDiv" | "mod";

/** The body of a function (x: i32, y: i32) -> i32. */
export function writeDivision(code: Code, locals: Locals, kind: IntegerDivision): void {
  const [x, y, quotient, rest] = [
    locals.param(0),
    locals.param(1),
    locals.fresh("i32"),
    locals.fresh("i32"),
  ];
  code
    .get(y)
    .op(op.i32Eqz)
    .if(() => code.i32(0).op(op.return));
  code
    .get(y)
    .i32(-1)
    .op(op.i32Eq)
    .if(() => {
      if (kind === "mod") code.i32(0).op(op.return);
      else code.i32(0).get(x).op(op.i32Sub, op.return);
    });
  code.get(x, y).op(op.i32DivS).set(quotient);
  if (kind === "div") {
    code.get(quotient);
    return;
  }
  code.get(x, quotient, y).op(op.i32Mul, op.i32Sub).set(rest);
  // 1 where the rest is not zero and has not the sign of y.
  const correction = (): Code =>
    code.get(rest).i32(0).op(op.i32Ne).get(rest, y).op(op.i32Xor).i32(31).op(op.i32ShrU, op.i32And);
  if (kind === "floorDiv") {
    code.get(quotient);
    correction().op(op.i32Sub);
    return;
  }
  code.get(rest, y);
  correction().op(op.i32Mul, op.i32Add);
}
