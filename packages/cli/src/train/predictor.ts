import {
  type CompiledFunction,
  type NDArray,
  type Shared,
  type Tensor,
  compile,
} from "@scan-train/core";
import type { EncodedInput } from "../data/encode.ts";
import type { RunConfig } from "../run-folder/config.ts";
import { type Sequence, type SequenceInputs, padded, sequenceInputs, sequenceOf } from "./batch.ts";
import { buildModel } from "./build-model.ts";
import { type Weights, setWeights } from "./weights.ts";

/** A model, compiled to answer. */
export interface Predictor {
  /** With their trained values. */
  readonly parameters: readonly Shared[];
  /** Probabilities or numbers for each sequence `[K]`, or for each of its steps `[T * K]`. */
  readonly answer: (inputs: readonly EncodedInput[]) => Float32Array[];
  /** Classes or numbers of an answer: K. */
  readonly width: number;
  /** What the compiler did and made. */
  readonly explain: () => string;
}

/**
 * Compiles the model of a config to answer.
 *
 * @param weights to answer with, in place of random ones
 * @param temperature of next characters: below 1 makes likely ones likelier
 * @throws {@link RunFolderError} for weights of another model
 */
export async function compilePredictor(
  config: Pick<RunConfig, "encoding" | "model" | "training">,
  { weights, temperature = 1 }: { weights?: Weights; temperature?: number } = {},
): Promise<Predictor> {
  const { encoding, model: options, training } = config;
  const model = buildModel(encoding, options, training.seed);
  if (weights !== undefined) setWeights(model.parameters, weights);

  const inputs = sequenceInputs(config.encoding);
  const answer = model.answer(inputs, temperature);
  const width = answer.shape.at(-1)?.constant ?? 1;
  const compiled = await compile({ name: "predict", inputs, outputs: { answer } });
  return {
    parameters: model.parameters,
    width,
    answer: (encoded) =>
      answerAll(
        compiled,
        encoded.map((values) => sequenceOf(encoding, values)),
        width,
      ),
    explain: () => compiled.explain(),
  };
}

type Compiled = CompiledFunction<SequenceInputs, { readonly answer: Tensor }>;

/** Sequences computed together; those of like length waste less padding. */
const batchSize = 256;

/** Steps computed together, padding included: long sequences would otherwise take all memory. */
const batchSteps = 1 << 19;

function answerAll(
  compiled: Compiled,
  sequences: readonly Sequence[],
  width: number,
): Float32Array[] {
  const answers: Float32Array[] = [];
  const order = sequences
    .map((_, index) => index)
    .sort((a, b) => lengthAt(a) - lengthAt(b) || a - b);
  for (let first = 0, next = 1; first < order.length; first = next, next += 1) {
    const fits = (at: number): boolean => (at + 1 - first) * lengthAt(order[at] ?? 0) <= batchSteps;
    while (next < order.length && next - first < batchSize && fits(next)) next += 1;
    const batch = order.slice(first, next);
    const rows = batch.flatMap((index) => sequences[index] ?? []);
    const { answer } = compiled(padded(rows));
    for (const [row, index] of batch.entries()) {
      answers[index] = rowOf(answer, row, lengthAt(index), width);
    }
  }
  return answers;

  function lengthAt(index: number): number {
    return sequences[index]?.length ?? 0;
  }
}

/** The answer for one row of `[B, K]` or `[T, B, K]`, without the padding's. */
function rowOf({ data, shape }: NDArray, row: number, length: number, width: number): Float32Array {
  if (shape.length === 2) return Float32Array.from(data.subarray(row * width, (row + 1) * width));
  const count = shape[1] ?? 0;
  const answer = new Float32Array(length * width);
  for (let step = 0; step < length; step += 1) {
    const from = (step * count + row) * width;
    answer.set(data.subarray(from, from + width), step * width);
  }
  return answer;
}
