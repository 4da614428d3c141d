/**
 * `@scan-train/cli/job`: what the program trains, without files and without Node: for pages. The same examples, split,
 * encoding, model and optimiser as `scan-train train` with the same options, so the same bits.
 * @example
 * const job = namesJob();
 * const plan = planRun(job, { ...defaultRunOptions, epochs: 2 });
 * const config = { ...plan.config, data: job.source };
 * const dataset = datasetOf(config.encoding, plan.split.train, "the rows to train on");
 * const trainer = await createTrainer(trainerOptions(config, { rows: dataset.size, runsOn: { workers: 2 } }));
 * for await (const event of trainer.fit(dataset, { epochs: config.training.epochs })) show(event);
 * const { config: same, weights } = readModelFile(await trainer.exportModel(), "the model");
 * const predictor = await compilePredictor(same, { weights });
 * answerPrefixes(predictor, same.encoding, "Alice"); // [{ label: "female", probability: 0.7, ... }, ...]
 */
export { type AddingProblem, addingExamples } from "./data/adding-problem.ts";
export { encodeExamples, encodeInput, type EncodedInput, type EncodedRow } from "./data/encode.ts";
export type { Encoding } from "./data/encoding.ts";
export { normaliseName } from "./data/names.ts";
export { type Split, splitExamples } from "./data/split.ts";
export type { Example, InputValue } from "./data/task.ts";
export { CliError, DataError, RunFolderError, UsageError } from "./errors.ts";
export { type Answer, answerText } from "./render/answers.ts";
export { type RunOptions, defaultRunOptions } from "./options/run-options.ts";
export {
  cells,
  optimizers,
  schedules,
  configText,
  modelMetadata,
  type RunConfig,
} from "./run-folder/config.ts";
export { type WholeModel, readModelFile } from "./run-folder/model-file.ts";
export { type ReadInput, answerInputs, answerPrefixes } from "./train/answer-inputs.ts";
export { addingJob, namesJob, type LearningJob, type MadeJob } from "./train/learning-job.ts";
export { measure } from "./train/measure.ts";
export { planRun, type Plan } from "./train/plan.ts";
export { compilePredictor, type Predictor } from "./train/predictor.ts";
export { compileStateNorms, type StateNorms } from "./train/state-norms.ts";
export {
  datasetOf,
  trainerOptions,
  type RunDataset,
  type RunFields,
  type RunTrainer,
  type RunsOn,
  type TrainerSetup,
} from "./train/trainer-options.ts";
export { type Weights, setWeights } from "./train/weights.ts";
