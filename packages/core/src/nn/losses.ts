/** Losses per example, never averaged: whoever trains divides by the weight of what was valid. */
import { ShapeError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { sqr, sub } from "../ops/arithmetic.ts";
import { mean } from "../ops/axes.ts";
import { describeTyped } from "../ops/shape.ts";

export { binaryCrossEntropy, binaryCrossEntropyWithLogits, crossEntropy } from "../ops/losses.ts";

/**
 * The mean over the last axis of (prediction - target)², `[..., N]` to `[...]`: one loss per example or step.
 * @throws ShapeError LOSS_RANK
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor): Tensor {
  for (const x of [predictions, targets])
    if (x.rank < 2)
      throw new ShapeError(
        "LOSS_RANK",
        `meanSquaredError: ${describeTyped(x)} has no axis of features`,
        {
          hint: "give [B, N]; one number per example is expandDims(x, -1), [B, 1]",
        },
      );
  return mean(sqr(sub(predictions, targets)), -1);
}
