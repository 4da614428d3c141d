/** Draws of one thing among several, in the user's words. */
import { ArgumentError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { Tensor } from "../graph/tensor.ts";
import * as choice from "../ops/choice.ts";
import { asTensor, type Operand } from "../ops/operand.ts";
import { take } from "../ops/subtensor.ts";
import { Size } from "../size/size.ts";
import { randomOrder } from "./random-order.ts";
import { toDimension, type SizeLike } from "./shapes.ts";

/**
 * Ids along the last axis of `logits` `[..., C]`, with probabilities softmax(logits): int32 `[...]`. By Gumbel's method: the place of the
 * greatest logit plus noise -log(-log u), whose bits are the same on every backend; of equal ones the least place. A logit of -Infinity is
 * never drawn, unless all are. Keys `[B, 2]` draw one row each of logits `[B, ..., C]`, so that what a sequence draws does not depend on its
 * place in the batch; from logits `[C]` every key draws once. Classes rarer than 2^-24 need float64 logits.
 * @example const id = categorical(key(1), log([0.2, 0.3, 0.5]));
 * @throws DTypeError RANDOM_KEY, CATEGORICAL; ShapeError CATEGORICAL, SHAPE_MISMATCH, EMPTY_REDUCTION
 */
export function categorical(key: Tensor, logits: Operand): Tensor<"int32"> {
  return choice.categorical(key, asTensor(logits, "float32"));
}

/**
 * 0 .. n - 1 in random order, int32 `[n]`, or the rows `[n, ...]` of a tensor in random order. Every order is equally likely: numbers stand
 * as 64 random bits of theirs do when sorted, in a scan of log2(n)² / 2 steps over all n. Keys `[B, 2]` give `[B, n]`, one order each.
 * @example const shuffled = permutation(key(1), x);
 * @throws DTypeError RANDOM_KEY, SIZE; ArgumentError SIZE, PERMUTATION where `n` is no size or above 2^30
 */
export function permutation(key: Tensor, n: SizeLike): Tensor<"int32">;
export function permutation<D extends DType>(key: Tensor, rows: Tensor<D>): Tensor<D>;
export function permutation(key: Tensor, n: SizeLike | Tensor): Tensor {
  const given: unknown = n;
  if (n instanceof Tensor && n.rank > 0) return take(n, randomOrder(key, n.shape[0] ?? 0), 0);
  if (typeof given !== "number" && !(given instanceof Size) && !(given instanceof Tensor))
    throw new ArgumentError(
      "PERMUTATION",
      `permutation: ${JSON.stringify(given)} is neither a size nor a tensor of rows`,
      { hint: "give a number, x.size(0), or rows as a tensor: constant([1, 2, 3])" },
    );
  return randomOrder(key, toDimension("permutation", n as SizeLike));
}
