/** Draws of one class among several. */
import { DTypeError, ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { argmax } from "./argmax.ts";
import { add } from "./arithmetic.ts";
import { gumbel } from "./random.ts";
import { requireKey } from "./random-key.ts";
import { agree, describeTyped, isOne, type Dimension } from "./shape.ts";

/** What one key draws: the axes of `logits` `[..., C]` that `key` `[..., 2]` does not lead. */
function drawnShape(key: Tensor, logits: Tensor): readonly Dimension[] {
  const lead = requireKey("categorical", key).rank - 1;
  if (logits.rank === 1) return logits.shape;
  if (lead >= logits.rank)
    throw new ShapeError(
      "CATEGORICAL",
      `categorical: ${describeTyped(key)} has more axes of keys than ${describeTyped(logits)} has rows`,
      { hint: "give logits [C], or one row or more for each key: keys [B, 2] and logits [B, C]" },
    );
  // What cannot be proved equal here is checked at the call, where the draws meet the logits.
  for (let axis = 0; axis < lead; axis++) {
    agree("categorical", { tensor: key, axis }, { tensor: logits, axis }, []);
    if (isOne(key.shape[axis]) && !isOne(logits.shape[axis]))
      throw new ShapeError(
        "CATEGORICAL",
        `categorical: ${describeTyped(key)} holds one key for all rows of ${describeTyped(logits)}, which would draw the same`,
        {
          hint: "give a key [2] for all together, or one for each row: split(key, logits.size(0))",
        },
      );
  }
  return logits.shape.slice(lead);
}

/**
 * Ids along the last axis of `logits` `[..., C]`, with probabilities softmax(logits): int32 `[...]`. By Gumbel's method: the place of the
 * greatest logit plus -log(-log u). A logit of -Infinity is never drawn, unless all are.
 * @throws DTypeError RANDOM_KEY, CATEGORICAL; ShapeError CATEGORICAL, SHAPE_MISMATCH, EMPTY_REDUCTION
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
  const noise = gumbel(key, drawnShape(key, logits), dtype === "float64" ? dtype : "float32");
  return argmax(add(logits, noise), -1);
}
