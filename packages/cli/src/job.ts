/**
 * `@scan-train/cli/job`: what the command line trains, without files, threads and printing, so that a page can do the
 * same with a `createTrainer` of its own. The same job, options and seed give the same `model.safetensors` everywhere.
 *
 * @example
 * const { split, config } = planRun(namesJob(), { epochs: 2 });
 * const rows = datasetOf(config.encoding, split.train, "the rows to train on");
 * const trainer = await createTrainer({ ...trainerOptions(config, { rows: rows.size }), workers: 2 });
 * for await (const event of trainer.fit(rows, { epochs: config.training.epochs })) show(event);
 * const { config: same, weights } = readModelFile(await trainer.exportModel(), "the model");
 * const predictor = await openPredictor(same, weights);
 * answerPrefixes(predictor, same.encoding, "Alice"); // [{ label: "female", probability: 0.7, ... }, ...]
 */
export { type AddingProblem, addingDefaults, addingProblem } from "./data/adding-problem.ts";
export { type Baseline, type BaselineScore, scoreBaseline } from "./data/baselines.ts";
export { type EncodedInput, encodeInput } from "./data/encode.ts";
export type { Encoding, InputEncoding, TargetEncoding } from "./data/encoding.ts";
export { namesExamples, normaliseName } from "./data/names.ts";
export { type Split, splitExamples } from "./data/split.ts";
export type { Example, InputValue, Steps, TargetValue, Task } from "./data/task.ts";
export { CliError, DataError, RunFolderError, UsageError } from "./errors.ts";
export { type Answer, answerText } from "./render/answers.ts";
export type { Result, Scores } from "./render/events.ts";
export {
  type DataSource,
  type ModelOptions,
  type RunConfig,
  type TrainingOptions,
  cells,
  most,
  optimizers,
  schedules,
} from "./run-folder/config.ts";
export { type WholeModel, modelMetadata, readModelFile } from "./run-folder/model-file.ts";
export { type ReadInput, answerInputs, answerPrefixes } from "./train/answer-inputs.ts";
export { type Model, type ModelInputs, buildModel } from "./train/build-model.ts";
export { buildOptimizer } from "./train/build-optimizer.ts";
export { type Job, addingJob, namesJob } from "./train/job.ts";
export { type JobOptions, jobDefaults } from "./train/job-options.ts";
export { heldOutRows, mainMetric, measure } from "./train/measure.ts";
export { type Plan, planRun } from "./train/plan.ts";
export { type Predictor, openPredictor } from "./train/predictor.ts";
export {
  type RunDataset,
  type RunFields,
  type RunTrainer,
  type TrainerNeeds,
  datasetOf,
  trainerOptions,
} from "./train/trainer-options.ts";
export { type Weights, setWeights } from "./train/weights.ts";
