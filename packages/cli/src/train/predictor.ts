import {
  type CompiledFunction,
  type NDArray,
  type Shared,
  type Tensor,
  compile,
  tensor,
} from "@scan-train/core";
import type { EncodedInput } from "../data/encode.ts";
import type { RunConfig } from "../run-folder/config.ts";
import { buildModel } from "./build-model.ts";
import { type Weights, setWeights } from "./weights.ts";

/** A trained model, compiled to answer. */
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
 * Compiles the model of a run. Other weights may be set into `parameters` later: the next answer has them.
 *
 * @param temperature of next characters: below 1 makes likely ones likelier
 * @throws {@link RunFolderError} for weights of another model
 */
export async function openPredictor(
  config: RunConfig,
  weights: Weights,
  temperature = 1,
): Promise<Predictor> {
  const { encoding, model: options, training } = config;
  const model = buildModel(encoding, options, training.seed);
  setWeights(model.parameters, weights);

  const inputs = inputsOf(config);
  const answer = model.answer(inputs, temperature);
  const width = answer.shape.at(-1)?.constant ?? 1;
  const features = encoding.input.kind === "text" ? 1 : encoding.input.scale.mean.length;
  const compiled = await compile({ name: "predict", inputs, outputs: { answer } });
  return {
    parameters: model.parameters,
    width,
    answer: (encoded) => {
      const sequences = encoded.map((values) => ({
        values,
        features,
        length: values.length / features,
      }));
      return answerAll(compiled, sequences, width);
    },
    explain: () => compiled.explain(),
  };
}

/** One sequence with its number of steps. */
interface Sequence {
  readonly values: EncodedInput;
  /** Values per step. */
  readonly features: number;
  readonly length: number;
}

type Inputs = { readonly x: Tensor; readonly lengths: Tensor<"int32"> };
type Compiled = CompiledFunction<Inputs, { readonly answer: Tensor }>;

function inputsOf({ encoding: { input } }: RunConfig): Inputs {
  return {
    x:
      input.kind === "text"
        ? tensor("x", { dtype: "int32", shape: ["T", "B"] })
        : tensor("x", { dtype: "float32", shape: ["T", "B", input.scale.mean.length] }),
    lengths: tensor("lengths", { dtype: "int32", shape: ["B"] }),
  };
}

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

/** Time-major `[T, B, ...]`, with zeros after the end of each sequence. */
function padded(rows: readonly Sequence[]): {
  x: { data: Int32Array | Float32Array; shape: number[] };
  lengths: { data: Int32Array; shape: number[] };
} {
  const count = rows.length;
  const steps = Math.max(...rows.map(({ length }) => length));
  const features = rows[0]?.features ?? 1;
  const size = steps * count * features;
  const isIds = rows[0]?.values instanceof Int32Array;
  const data = isIds ? new Int32Array(size) : new Float32Array(size);
  for (const [row, { values, length }] of rows.entries()) {
    for (let step = 0; step < length; step += 1) {
      const source = values.subarray(step * features, (step + 1) * features);
      data.set(source, (step * count + row) * features);
    }
  }
  const shape = isIds ? [steps, count] : [steps, count, features];
  const lengths = Int32Array.from(rows, ({ length }) => length);
  return { x: { data, shape }, lengths: { data: lengths, shape: [count] } };
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
