import type { Backend, Tensor } from "@scan-train/core";
import {
  type Dataset,
  type Field,
  type Trainer,
  type TrainerOptions,
  createDataset,
  ragged,
  scalarField,
} from "@scan-train/workers";
import { encodeExamples } from "../data/encode.ts";
import type { Encoding } from "../data/encoding.ts";
import { isPerStep, type Example } from "../data/task.ts";
import { type RunConfig, modelMetadata } from "../run-folder/config.ts";
import { buildModel } from "./build-model.ts";
import { buildOptimizer } from "./build-optimizer.ts";
import { type Weights, setWeights } from "./weights.ts";

/** The fields of every data set of this program: a sequence and its answer. */
export type RunFields = { readonly x: Field; readonly y: Field };
export type RunTrainer = Trainer<RunFields>;
export type RunDataset = Dataset<RunFields>;

/** Threads, or a device. */
export type RunsOn = { readonly workers: number } | { readonly backend: Backend };

export interface TrainerSetup {
  /** Sequences to train on, which set the pace of the learning rate. */
  readonly rows: number;
  readonly runsOn: RunsOn;
  /** To begin with, in place of random ones. */
  readonly weights?: Weights;
  /** What the learning rate is multiplied with: a scalar that may be set between updates. */
  readonly rateFactor?: Tensor;
}

/** What `createTrainer` of any platform takes for a run. Call it once for each trainer: it makes the parameters. */
export function trainerOptions(
  config: RunConfig,
  { rows, runsOn, weights, rateFactor }: TrainerSetup,
): TrainerOptions<RunFields> {
  const { encoding, model: options, training } = config;
  const model = buildModel(encoding, options, training.seed);
  if (weights !== undefined) setWeights(model.parameters, weights);
  const steps = Math.ceil(rows / training.batch) * training.epochs;
  return {
    name: "scan-train",
    data: fieldsOf(encoding),
    model: ({ x, y, lengths }) => model.result({ x, y, lengths }),
    optimizer: buildOptimizer(training, steps, rateFactor),
    batchSize: training.batch,
    seed: training.seed,
    metadata: modelMetadata(config),
    ...runsOn,
  };
}

/**
 * Examples as the trainer reads them.
 *
 * @param name what messages call them
 */
export function datasetOf(
  encoding: Encoding,
  examples: readonly Example[],
  name: string,
): RunDataset {
  return createDataset(fieldsOf(encoding), encodeExamples(encoding, examples), { name });
}

function fieldsOf({ input, target }: Encoding): RunFields {
  return {
    x: input.kind === "text" ? ragged("int32") : ragged("float32", [input.scale.mean.length]),
    y: answerField(target),
  };
}

function answerField(target: Encoding["target"]): Field {
  if (target.kind === "step-number") return ragged("float32", [target.scale.mean.length]);
  const dtype = target.kind === "number" ? "float32" : "int32";
  return isPerStep(target.kind) ? ragged(dtype) : scalarField(dtype);
}
