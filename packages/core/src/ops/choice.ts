/** Draws of one thing among several. */
import { DTypeError, ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { arange } from "./arange.ts";
import { argmax } from "./argmax.ts";
import { neg, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { cast } from "./cast.ts";
import { eq, lt } from "./compare.ts";
import { expandDims } from "./dimshuffle.ts";
import { and, or } from "./logic.ts";
import { randomBits, uniform } from "./random.ts";
import { describeTyped, type Dimension } from "./shape.ts";
import { log } from "./transcendental.ts";

/**
 * Ids along the last axis of `logits` `[..., C]`, with probabilities softmax(logits): int32 `[...]`. By Gumbel's method: the place of the
 * greatest logit plus -log(-log u). A logit of -Infinity is never drawn, unless all are.
 * @throws DTypeError RANDOM_KEY, CATEGORICAL; ShapeError CATEGORICAL, EMPTY_REDUCTION
 */
export function categorical(key: Tensor, logits: Tensor): Tensor<"int32"> {
  const { dtype } = logits;
  if (!isFloating(dtype))
    throw new DTypeError("CATEGORICAL", `categorical: ${describeTyped(logits)} are no logits`, {
      hint: "give log(p) of probabilities, or scores: float32 or float64",
    });
  if (logits.rank === 0)
    throw new ShapeError("CATEGORICAL", `categorical: ${describeTyped(logits)} has no axis`, {
      hint: "give logits [..., C]: the last axis is what is chosen from",
    });
  const u = uniform(key, logits.shape, { dtype: dtype === "float64" ? dtype : "float32" });
  return argmax(sub(logits, log(neg(log(u)))), -1);
}

/**
 * 0 .. n - 1 in random order: int32 `[n]`. Each place is the rank of a random word among n, which costs n² comparisons and no memory; equal
 * words, of which there is a pair with probability n² / 2^33, keep their order.
 * @throws DTypeError RANDOM_KEY
 */
export function permutation(key: Tensor, n: Dimension): Tensor<"int32"> {
  const words = randomBits(key, [n]);
  const [mine, other] = [expandDims(words, 1), expandDims(words, 0)];
  const place = arange(n);
  const before = lt(expandDims(place, 0), expandDims(place, 1));
  const isLess = or(lt(other, mine), and(eq(other, mine), before));
  return cast(sum(cast(isLess, "int32"), 1), "int32");
}
