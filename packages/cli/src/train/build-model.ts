import { type Shared, type Tensor, sum } from "@scan-train/core";
import { dense, embedding, uniformWithin } from "@scan-train/core/nn";
import { foldIn, key } from "@scan-train/core/random";
import type { Encoding } from "../data/encoding.ts";
import { isPerStep } from "../data/task.ts";
import { UsageError } from "../errors.ts";
import { vocabularySize } from "../data/vocabulary.ts";
import type { ModelOptions } from "../run-folder/config.ts";
import { type ModelResult, headOf, outputSizeOf } from "./heads.ts";
import { recurrentLayers } from "./recurrent-layers.ts";

/** What the trainer hands to a model: the sequences, the answers, and how long each sequence is. */
export interface ModelInputs {
  /** Ids `[T, B]` or numbers `[T, B, F]`. */
  readonly x: Tensor;
  /** `[B]`, `[T, B]` or `[T, B, K]`. */
  readonly y: Tensor;
  /** `[B]` */
  readonly lengths: Tensor<"int32">;
}

/** A model with parameters of its own. */
export interface Model {
  readonly parameters: readonly Shared[];
  /**
   * Probabilities of the classes, or numbers in the model's scale, along the last axis. A temperature below 1 makes
   * likely next characters likelier.
   */
  readonly answer: (inputs: Omit<ModelInputs, "y">, temperature?: number) => Tensor;
  readonly result: (inputs: ModelInputs) => ModelResult;
  /**
   * The summed loss differentiated by each state of the one layer `[T, B, H]`.
   * @throws {@link UsageError} for several layers, or one in both directions
   */
  readonly stateGradients: (inputs: ModelInputs) => readonly Tensor[];
}

/** Random keys of the parts of a model, so that one more layer changes no other. */
const keyOf = { embedding: 0, output: 1, firstCell: 2 } as const;

/**
 * The graph of a run: embedding (of text), recurrent layers, and an answer from the last valid state or from every
 * step. Call it once for each trainer: it makes the parameters.
 */
export function buildModel(encoding: Encoding, options: ModelOptions, seed: number): Model {
  const root = key(seed);
  const { input, target } = encoding;
  const outputSize = outputSizeOf(encoding);
  const isStepwise = isPerStep(target.kind);
  const readIn =
    input.kind === "text"
      ? embedding({
          count: vocabularySize(input.vocabulary),
          size: options.embedding,
          key: foldIn(root, keyOf.embedding),
          name: "embedding",
          init: uniformWithin(0.5),
        })
      : undefined;
  const inputSize = input.kind === "text" ? options.embedding : input.scale.mean.length;
  const layers = recurrentLayers(options, inputSize, (index) =>
    foldIn(root, keyOf.firstCell + index),
  );
  const readOut = dense({
    inputSize: options.hidden * (options.bidirectional ? 2 : 1),
    outputSize,
    key: foldIn(root, keyOf.output),
    name: "output",
  });
  const head = headOf(target, outputSize);

  const features = ({ x, lengths }: Omit<ModelInputs, "y">): Tensor => {
    let sequence = readIn?.(x) ?? x;
    for (const [index, layer] of layers.entries()) {
      const { outputs, final } = layer.run(sequence, lengths);
      sequence = index === layers.length - 1 && !isStepwise ? final : outputs;
    }
    return readOut(sequence);
  };
  return {
    parameters: [
      ...(readIn?.parameters ?? []),
      ...layers.flatMap((layer) => layer.parameters),
      ...readOut.parameters,
    ],
    answer: (inputs, temperature = 1) => head.answer(features(inputs), temperature),
    result: (inputs) => head.result(features(inputs), inputs.y),
    stateGradients: ({ x, y, lengths }) => {
      const gradientsOf = layers.length === 1 ? layers[0]?.stateGradients : undefined;
      if (gradientsOf === undefined)
        throw new UsageError("gradients by time step are those of one layer in one direction", {
          hint: "take a model of one layer that reads forwards",
        });
      return gradientsOf(readIn?.(x) ?? x, lengths, ({ outputs, final }) =>
        sum(head.result(readOut(isStepwise ? outputs : final), y).loss),
      );
    },
  };
}
