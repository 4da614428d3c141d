/** Draws of one thing among several, in the user's words. */
import { Tensor } from "../graph/tensor.ts";
import type { DType } from "../graph/dtype.ts";
import { take } from "../ops/subtensor.ts";
import * as choice from "../ops/choice.ts";
import { asTensor, type Operand } from "../ops/operand.ts";
import { toDimension, type SizeLike } from "./shapes.ts";

/**
 * Ids along the last axis of `logits` `[..., C]`, with probabilities softmax(logits): int32 `[...]`. By Gumbel's method: the place of the
 * greatest logit plus -log(-log u). A logit of -Infinity is never drawn, unless all are.
 * @example const id = categorical(key(1), log([0.2, 0.3, 0.5]));
 * @throws DTypeError RANDOM_KEY, CATEGORICAL; ShapeError CATEGORICAL, EMPTY_REDUCTION
 */
export function categorical(key: Tensor, logits: Operand): Tensor<"int32"> {
  return choice.categorical(key, asTensor(logits, "float32"));
}

/**
 * 0 .. n - 1 in random order, int32 `[n]`, or the rows of a tensor in random order. Every order is equally likely, but for ties of random
 * words (probability n² / 2^33). It costs n² comparisons.
 * @example const shuffled = permutation(key(1), x);
 * @throws DTypeError RANDOM_KEY
 */
export function permutation(key: Tensor, n: SizeLike): Tensor<"int32">;
export function permutation<D extends DType>(key: Tensor, rows: Tensor<D>): Tensor<D>;
export function permutation(key: Tensor, n: SizeLike | Tensor): Tensor {
  if (!(n instanceof Tensor) || n.rank === 0)
    return choice.permutation(key, toDimension("permutation", n as SizeLike));
  return take(n, choice.permutation(key, n.shape[0] ?? 0), 0);
}
