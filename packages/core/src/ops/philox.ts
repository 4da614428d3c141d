/** Philox 4x32-10 in the loop IR: integer arithmetic, so that every backend gives the same words. */
import { binary, literal } from "../loop-ir/build.ts";
import type { BinaryOp, Expr } from "../loop-ir/types.ts";

const word = (x: number): Expr => literal("i32", x);
const op =
  (name: BinaryOp) =>
  (x: Expr, y: Expr): Expr =>
    binary(name, x, y);
const [mulLow, mulHigh, xor, add] = [op("mul"), op("mulHigh"), op("bitXor"), op("add")];

export type WordExprs = readonly [Expr, Expr, Expr, Expr];

/** Four random words for a counter and a key. */
export function philoxExpr(counter: WordExprs, key: readonly [Expr, Expr]): WordExprs {
  const [m0, m1] = [word(0xd2511f53), word(0xcd9e8d57)];
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    [c0, c1, c2, c3] = [
      xor(xor(mulHigh(c2, m1), c1), k0),
      mulLow(c2, m1),
      xor(xor(mulHigh(c0, m0), c3), k1),
      mulLow(c0, m0),
    ];
    [k0, k1] = [add(k0, word(0x9e3779b9)), add(k1, word(0xbb67ae85))];
  }
  return [c0, c1, c2, c3];
}
