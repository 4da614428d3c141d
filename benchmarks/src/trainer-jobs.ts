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
import type { Stretches } from "./plain-step.ts";
import type { EvenCase, RaggedCase } from "./throughput.ts";

/** A trainer with its data. */
export interface Trained {
  /** Trains for so many more epochs while events are taken. */
  readonly fit: (epochs: number) => AsyncIterable<TrainerEvent>;
  readonly close: () => Promise<void>;
}

/** Trained in turns of one epoch each, of which the first ones warm up. */
export interface TurnsJob {
  readonly warmUp: number;
  readonly turns: number;
  /** How many steps are timed together; the whole epoch where it does not say. */
  readonly window?: number;
  readonly start: (workers: number) => Promise<Trained>;
}

const trained = <F extends Fields>(trainer: Trainer<F>, data: Dataset<F>): Trained => ({
  fit: (epochs) => trainer.fit(data, { epochs }),
  close: () => trainer.close(),
});

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
async function languageModel({ B, H, lengths }: Sequences, workers: number): Promise<Trained> {
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
  return trained(trainer, createDataset(tokens, rows));
}

const vectors = { x: ragged("float32", [V]), y: ragged("int32") };

/** S5's model. */
async function gruModel({ B, H, lengths }: Sequences, workers: number): Promise<Trained> {
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
  return trained(trainer, createDataset(vectors, rows));
}

/** As `scan-train train` would: the same encoding, model and optimiser. */
async function commandLine(
  job: LearningJob,
  data: RunConfig["data"],
  options: RunOptions,
  workers: number,
): Promise<Trained> {
  const plan = planRun(job, options);
  const config = { ...plan.config, data };
  const dataset = datasetOf(config.encoding, plan.split.train, "the rows to train on");
  const setup = { rows: dataset.size, runsOn: { workers } };
  const trainer = await createTrainer(trainerOptions(config, setup));
  return trained(trainer, dataset);
}

const s3 = { T: 64, B: 32, H: 128 };

/** Sequences of one length. */
function evenJob(
  turn: Omit<TurnsJob, "start"> & Stretches,
  sizes: Omit<Sequences, "lengths">,
  model: (sequences: Sequences, workers: number) => Promise<Trained>,
): TurnsJob & Stretches {
  const lengths = even(sizes.T, sizes.B, turn.steps);
  return { ...turn, start: (workers) => model({ ...sizes, lengths }, workers) };
}

/** Stretches of a tenth of a second or more. */
export const evenJobs: Readonly<Record<EvenCase, TurnsJob & Stretches>> = {
  S3: evenJob({ warmUp: 5, turns: 12, steps: 20, window: 8 }, s3, languageModel),
  S4: evenJob({ warmUp: 2, turns: 7, steps: 4, window: 1 }, { ...s3, H: 512 }, languageModel),
  S5: evenJob({ warmUp: 2, turns: 7, steps: 4, window: 1 }, { T: 128, B: 64, H: 256 }, gruModel),
};

function raggedS3(): TurnsJob {
  const lengths = Array.from(units(5, 30 * s3.B), (u) => 1 + Math.floor(u * (2 * s3.T - 1)));
  return { warmUp: 3, turns: 8, start: (workers) => languageModel({ ...s3, lengths }, workers) };
}

function names(): TurnsJob {
  const job = namesJob();
  return {
    warmUp: 8,
    turns: 12,
    start: (workers) => commandLine(job, job.source, defaultRunOptions, workers),
  };
}

/** Each next character of its sentences, LSTM of 128 units. */
function mobyDick(): TurnsJob {
  const options: RunOptions = {
    ...defaultRunOptions,
    validationFraction: 0.01,
    testFraction: 0.01,
    cell: "lstm",
    hidden: 128,
    batch: 32,
  };
  const sentences = mobyDickSentences().slice(0, 25 * options.batch);
  const job: LearningJob = {
    name: "moby-dick",
    task: { input: "text", target: "next" },
    examples: sentences.map((input) => ({ input, target: undefined })),
    normalise: "none",
    found: `Moby Dick: ${sentences.length} sentences`,
  };
  // The config of a run wants to know where its data came from; nothing here is saved.
  const data = { source: "names" } as const;
  return { warmUp: 2, turns: 7, start: (workers) => commandLine(job, data, options, workers) };
}

export const raggedJobs: Readonly<Record<RaggedCase, () => TurnsJob>> = {
  ragged: raggedS3,
  names,
  "moby-dick": mobyDick,
};
