/** What the trainer is timed with: the models of S3 to S5, and those of the command line on names and on Moby Dick. */
import {
  datasetOf,
  defaultRunOptions,
  namesJob,
  planRun,
  trainerOptions,
  type LearningJob,
  type RunConfig,
  type RunOptions,
} from "@scan-train/cli/job";
import { crossEntropy, dense, gru, lstm, run } from "@scan-train/core/nn";
import { sgd } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import {
  createDataset,
  createTrainer,
  ragged,
  type Dataset,
  type Fields,
  type ModelInputs,
  type ModelResult,
  type Trainer,
  type TrainerEvent,
} from "@scan-train/workers/node";
import { mobyDickSentences } from "./moby-dick.ts";
import { integers, symmetric, units } from "./numbers.ts";
import type { TrainerCase } from "./throughput.ts";

/** Training that goes on while events are taken. */
export interface Running {
  readonly events: AsyncIterable<TrainerEvent>;
  readonly close: () => Promise<void>;
}

/** Updates that are counted, after others that warm up. */
export interface Length {
  readonly warmUp: number;
  readonly counted: number;
}

export interface TrainerJob extends Length {
  readonly start: (workers: number) => Promise<Running>;
}

const stepsOf = ({ warmUp, counted }: Length): number => warmUp + counted;

async function running<F extends Fields>(
  trainer: Trainer<F>,
  data: Dataset<F>,
  epochs: number,
): Promise<Running> {
  return { events: trainer.fit(data, { epochs }), close: () => trainer.close() };
}

interface Sequences {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  /** Of each sequence. */
  readonly lengths: readonly number[];
}

const even = (T: number, B: number, steps: number): readonly number[] =>
  Array.from({ length: steps * B }, () => T);

const V = 64;
const tokens = { x: ragged("int32"), y: ragged("int32") };

/** S3's and S4's model. */
async function languageModel({ B, H, lengths }: Sequences, workers: number): Promise<Running> {
  function model({ x, y, lengths: valid }: ModelInputs<typeof tokens>): ModelResult {
    const cell = lstm({ inputSize: V, hiddenSize: H, key: key(1), name: "lstm" });
    const output = dense({ inputSize: H, outputSize: V, key: key(2), name: "output" });
    return { loss: crossEntropy(output(run(cell, x, { lengths: valid }).outputs.h), y) };
  }
  const rows = lengths.map((length, row) => {
    const data = integers(100 + row, [length + 1], V).data;
    return { x: data.slice(0, length), y: data.slice(1) };
  });
  const optimizer = sgd({ learningRate: 0.1 });
  const trainer = await createTrainer({ data: tokens, model, optimizer, batchSize: B, workers });
  return running(trainer, createDataset(tokens, rows), 1);
}

const vectors = { x: ragged("float32", [V]), y: ragged("int32") };

/** S5's model. */
async function gruModel({ B, H, lengths }: Sequences, workers: number): Promise<Running> {
  function model({ x, y, lengths: valid }: ModelInputs<typeof vectors>): ModelResult {
    const cell = gru({ inputSize: V, hiddenSize: H, key: key(1), name: "gru" });
    const output = dense({ inputSize: H, outputSize: V, key: key(2), name: "output" });
    return { loss: crossEntropy(output(run(cell, x, { lengths: valid }).outputs.h), y) };
  }
  const rows = lengths.map((length, row) => ({
    x: symmetric(100 + row, [length, V], 1).data,
    y: integers(10_000 + row, [length], V).data,
  }));
  const optimizer = sgd({ learningRate: 0.1 });
  const trainer = await createTrainer({ data: vectors, model, optimizer, batchSize: B, workers });
  return running(trainer, createDataset(vectors, rows), 1);
}

/** As `scan-train train` would: the same encoding, model and optimiser. */
async function commandLine(
  job: LearningJob,
  data: RunConfig["data"],
  options: RunOptions,
  workers: number,
): Promise<Running> {
  const plan = planRun(job, options);
  const config = { ...plan.config, data };
  const dataset = datasetOf(config.encoding, plan.split.train, "the rows to train on");
  const setup = { rows: dataset.size, runsOn: { workers } };
  const trainer = await createTrainer(trainerOptions(config, setup));
  return running(trainer, dataset, options.epochs);
}

/** A job over generated sequences. */
function generated(
  length: Length,
  sizes: Omit<Sequences, "lengths">,
  model: (sequences: Sequences, workers: number) => Promise<Running>,
  lengths = even(sizes.T, sizes.B, stepsOf(length)),
): TrainerJob {
  return { ...length, start: (workers) => model({ ...sizes, lengths }, workers) };
}

const s3 = { T: 64, B: 32, H: 128 };
const usual = { warmUp: 200, counted: 250 };
const long = { warmUp: 8, counted: 16 };

function raggedS3(): TrainerJob {
  const lengths = Array.from(
    units(5, stepsOf(usual) * s3.B),
    (u) => 1 + Math.floor(u * (2 * s3.T - 1)),
  );
  return generated(usual, s3, languageModel, lengths);
}

function names(): TrainerJob {
  const job = namesJob();
  return {
    warmUp: 80,
    counted: 200,
    start: (workers) => commandLine(job, job.source, { ...defaultRunOptions, epochs: 3 }, workers),
  };
}

/** Each next character of its sentences, LSTM of 128 units. */
function mobyDick(): TrainerJob {
  const length = { warmUp: 25, counted: 60 };
  const options: RunOptions = {
    ...defaultRunOptions,
    validationFraction: 0.01,
    testFraction: 0.01,
    cell: "lstm",
    hidden: 128,
    batch: 32,
    epochs: 1,
  };
  const sentences = mobyDickSentences().slice(0, 1.1 * stepsOf(length) * options.batch);
  const job: LearningJob = {
    name: "moby-dick",
    task: { input: "text", target: "next" },
    examples: sentences.map((input) => ({ input, target: undefined })),
    normalise: "none",
    found: `Moby Dick: ${sentences.length} sentences`,
  };
  // The config of a run wants to know where its data came from; nothing here is saved.
  return { ...length, start: (workers) => commandLine(job, { source: "names" }, options, workers) };
}

export const trainerJobs: Readonly<Record<TrainerCase, () => TrainerJob>> = {
  S3: () => generated(usual, s3, languageModel),
  S4: () => generated(long, { ...s3, H: 512 }, languageModel),
  S5: () => generated(long, { T: 128, B: 64, H: 256 }, gruModel),
  ragged: raggedS3,
  names,
  "moby-dick": mobyDick,
};
