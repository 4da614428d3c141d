import {
  type Dataset,
  type Field,
  type Trainer,
  createDataset,
  createTrainer,
  ragged,
  scalarField,
} from "@scan-train/workers/node";
import type { Backend } from "@scan-train/core";
import { encodeExamples } from "../data/encode.ts";
import type { Encoding } from "../data/encoding.ts";
import { isPerStep, type Example } from "../data/task.ts";
import type { ModelOptions, TrainingOptions } from "../run-folder/config.ts";
import { buildModel } from "./build-model.ts";
import { buildOptimizer } from "./build-optimizer.ts";
import { type Weights, setWeights } from "./weights.ts";

/** The fields of every data set of this program: a sequence and its answer. */
export type RunFields = { readonly x: Field; readonly y: Field };
export type RunTrainer = Trainer<RunFields>;
export type RunDataset = Dataset<RunFields>;

/** Threads, or a device. */
export type RunsOn = { readonly workers: number } | { readonly backend: Backend };

/** All that decides what a trainer computes. */
export interface TrainerSetup {
  readonly encoding: Encoding;
  readonly model: ModelOptions;
  readonly training: TrainingOptions;
}

/**
 * A trainer for a run.
 *
 * @param rows sequences to train on, which set the pace of the learning rate
 * @param weights to begin with, in place of random ones
 */
export function openTrainer(
  { encoding, model: options, training }: TrainerSetup,
  { rows, runsOn, weights }: { rows: number; runsOn: RunsOn; weights?: Weights },
): Promise<RunTrainer> {
  const model = buildModel(encoding, options, training.seed);
  if (weights !== undefined) setWeights(model.parameters, weights);
  const steps = Math.ceil(rows / training.batch) * training.epochs;
  return createTrainer({
    name: "scan-train",
    data: fieldsOf(encoding),
    model: ({ x, y, lengths }) => model.result({ x, y, lengths }),
    optimizer: buildOptimizer(training, steps),
    batchSize: training.batch,
    seed: training.seed,
    ...runsOn,
  });
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
