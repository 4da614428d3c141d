import {
  type Tensor,
  argmax,
  binaryCrossEntropyWithLogits,
  concatenate,
  constant,
  crossEntropy,
  div,
  eq,
  expandDims,
  gt,
  mean,
  mul,
  sigmoid,
  softmax,
  sqr,
  squeeze,
  sub,
} from "@scan-train/core";
import { meanSquaredError } from "@scan-train/core/nn";
import type { Encoding, TargetEncoding } from "../data/encoding.ts";
import { vocabularySize } from "../data/vocabulary.ts";

/** What a model is trained and measured by, for each sequence `[B]` or each step `[T, B]`; nothing is averaged. */
export interface ModelResult {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** What is made of the last layer's numbers. */
export interface Head {
  readonly answer: (features: Tensor, temperature: number) => Tensor;
  readonly result: (features: Tensor, y: Tensor) => ModelResult;
}

/** Numbers that the last layer gives: one logit where there are two labels. */
export function outputSizeOf({ input, target }: Encoding): number {
  switch (target.kind) {
    case "label":
    case "step-label":
      return target.labels.length === 2 ? 1 : target.labels.length;
    case "number":
    case "step-number":
      return target.scale.mean.length;
    case "next":
      return input.kind === "text" ? vocabularySize(input.vocabulary) : 0;
    default:
      return target satisfies never;
  }
}

/** The answer and the loss for a kind of target. */
export function headOf(target: TargetEncoding, outputSize: number): Head {
  switch (target.kind) {
    case "label":
    case "step-label":
      return outputSize === 1 ? logisticHead : softmaxHead;
    case "next":
      return nextHead;
    case "number":
      return numberHead(target.scale.deviation, (y) => expandDims(y, -1));
    case "step-number":
      return numberHead(target.scale.deviation, (y) => y);
    default:
      return target satisfies never;
  }
}

/** Two classes: one logit, for the second of them. */
const logisticHead: Head = {
  answer: (features) => {
    const second = sigmoid(features);
    return concatenate([sub(1, second), second], -1);
  },
  result: (features, y) => {
    const logits = squeeze(features, -1);
    return {
      loss: binaryCrossEntropyWithLogits(logits, y),
      metrics: { accuracy: eq(gt(logits, 0), gt(y, 0)) },
    };
  },
};

const softmaxHead: Head = {
  answer: (logits) => softmax(logits),
  result: (logits, y) => ({
    loss: crossEntropy(logits, y),
    metrics: { accuracy: eq(argmax(logits, -1), y) },
  }),
};

const nextHead: Head = {
  answer: (logits, temperature) => softmax(div(logits, temperature)),
  result: (logits, y) => {
    const { loss, metrics } = softmaxHead.result(logits, y);
    return { loss, metrics: { ...metrics, bits: mul(loss, 1 / Math.LN2) } };
  },
};

/** Numbers: the loss is in the scale of the model, the error that people see in that of the data. */
function numberHead(deviation: readonly number[], withAxis: (y: Tensor) => Tensor): Head {
  const scale = constant([...deviation], "float32");
  return {
    answer: (prediction) => prediction,
    result: (prediction, y) => {
      const targets = withAxis(y);
      const errors = mul(sub(prediction, targets), scale);
      return {
        loss: meanSquaredError(prediction, targets),
        metrics: { "squared error": mean(sqr(errors), -1) },
      };
    },
  };
}
