/** Losses per example: never averaged here. */
import { DTypeError, ShapeError, type ErrorDetails } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul, neg, sub } from "./arithmetic.ts";
import { sum } from "./broadcast.ts";
import { commonDType, toFloat, toTensor, type Operand } from "./operand.ts";
import { describeTyped } from "./shape.ts";
import { logSoftmax } from "./softmax.ts";
import { takeAlongLast } from "./take-along.ts";
import { log, log1p, softplus } from "./transcendental.ts";

/**
 * Minus the logarithm of the probability that softmax(logits) gives the label, stable. `logits` is [..., N]; `labels` are int32
 * [...], or probabilities (one-hot rows) [..., N]. The result is [...].
 * @throws ShapeError LABELS_RANK, SHAPE_MISMATCH; DTypeError LABELS_DTYPE
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  if (labels.rank !== logits.rank && labels.rank !== logits.rank - 1)
    throw new ShapeError(
      "LABELS_RANK",
      "crossEntropy: labels and logits do not fit",
      labelDetails(logits, labels),
    );
  if (labels.rank === logits.rank) return neg(sum(mul(labels, logSoftmax(logits)), -1));
  if (labels.dtype !== "int32")
    throw new DTypeError(
      "LABELS_DTYPE",
      `crossEntropy: labels without the last axis are int32, not ${labels.dtype}`,
      labelDetails(logits, labels),
    );
  return neg(takeAlongLast(logSoftmax(logits), labels));
}

function labelDetails(logits: Tensor, labels: Tensor): ErrorDetails {
  return {
    notes: [`logits: ${describeTyped(logits)}`, `labels: ${describeTyped(labels)}`],
    hint: "labels are int32 and lack the last axis of the logits, or are probabilities and have it",
  };
}

/** -(y log p + (1 - y) log(1 - p)) for probabilities p, elementwise (Theano's). Prefer `binaryCrossEntropyWithLogits`: p = 0 or 1 gives infinities. */
export function binaryCrossEntropy(probabilities: Tensor, targets: Operand): Tensor {
  const p = toFloat(probabilities);
  const y = targetsLike(p, targets);
  return neg(add(mul(y, log(p)), mul(sub(1, y), log1p(neg(p)))));
}

/** Binary cross-entropy of sigmoid(logits), elementwise; exact for logits of any size. */
export function binaryCrossEntropyWithLogits(logits: Tensor, targets: Operand): Tensor {
  const z = toFloat(logits);
  const y = targetsLike(z, targets);
  return add(mul(y, softplus(neg(z))), mul(sub(1, y), softplus(z)));
}

/** Targets in the dtype of the predictions: booleans and integers become 0 and 1. */
function targetsLike(predictions: Tensor, targets: Operand): Tensor {
  return toTensor(targets, commonDType([predictions, targets]));
}
