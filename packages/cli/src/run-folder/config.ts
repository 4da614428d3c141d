import { mostAdding } from "../data/adding-problem.ts";
import type { Baseline } from "../data/baselines.ts";
import type { Encoding } from "../data/encoding.ts";
import { splitRule } from "../data/split.ts";
import {
  type Decoded,
  type Decoder,
  byName,
  either,
  list,
  number,
  oneOf,
  orAbsent,
  orNull,
  part,
  positive,
  record,
  tagged,
  text,
  truth,
  whole,
} from "./decode.ts";

export const cells = ["rnn", "gru", "lstm"] as const;
export const optimizers = [
  "sgd",
  "momentum",
  "nesterov",
  "rmsprop",
  "adagrad",
  "adam",
  "adamw",
] as const;
export const schedules = ["constant", "linear"] as const;

/** The greatest numbers that the command line takes and a config may hold. */
export const most = {
  hidden: 4096,
  layers: 16,
  embedding: 4096,
  epochs: 1_000_000,
  batch: 65_536,
  seed: 4_294_967_295,
  length: 1_000_000_000,
} as const;

const task = record({
  input: oneOf("text", "numbers"),
  target: oneOf("label", "number", "step-label", "step-number", "next"),
});

const model = record({
  cell: oneOf(...cells),
  hidden: whole(1, most.hidden),
  layers: whole(1, most.layers),
  bidirectional: truth,
  /** Numbers per character; not used where the input is numbers. */
  embedding: whole(1, most.embedding),
});

const training = record({
  epochs: whole(1, most.epochs),
  batch: whole(1, most.batch),
  optimizer: oneOf(...optimizers),
  learningRate: positive,
  schedule: oneOf(...schedules),
  /** The greatest norm of a gradient; null: no clipping. */
  clip: orNull(positive),
  seed: whole(0, most.seed),
  /** A GPU; absent: threads, so that equal runs on any number of them have equal files. */
  backend: orAbsent(oneOf("webgpu")),
});

const data = tagged("source", {
  names: record({ source: oneOf("names") }),
  adding: record({
    source: oneOf("adding"),
    rows: whole(1, mostAdding.rows),
    steps: whole(2, mostAdding.steps),
    seed: whole(0, most.seed),
  }),
  file: record({
    source: oneOf("file"),
    /** From the run folder, so that both can move together. The file of a model does not say it. */
    file: orAbsent(text),
    sha256: text,
    format: oneOf("csv", "jsonl"),
    inputColumn: text,
    targetColumn: orNull(text),
    /** The most steps of a sequence; older runs do not say it. */
    maxLength: orAbsent(whole(1, most.length)),
  }),
});

/** How a model's file holds its config, among the texts that safetensors may carry. */
export const configKey = "scan-train run";

const scale = record({ mean: list(number), deviation: list(positive) });

const encoding: Decoder<Encoding> = record({
  input: tagged("kind", {
    text: record({
      kind: oneOf("text"),
      vocabulary: record({ characters: list(text) }),
      normalise: oneOf("none", "name"),
    }),
    numbers: record({ kind: oneOf("numbers"), scale }),
  }),
  target: tagged("kind", {
    label: record({ kind: oneOf("label"), labels: list(text) }),
    "step-label": record({ kind: oneOf("step-label"), labels: list(text) }),
    number: record({ kind: oneOf("number"), scale }),
    "step-number": record({ kind: oneOf("step-number"), scale }),
    next: record({ kind: oneOf("next") }),
  }),
});

const table = record({ answers: byName(text), otherwise: text });

const baseline: Decoder<Baseline> = tagged("kind", {
  constant: record({ name: text, kind: oneOf("constant"), answer: either(text, list(number)) }),
  "last-character": record({ name: text, kind: oneOf("last-character"), table }),
  "this-character": record({ name: text, kind: oneOf("this-character"), table }),
});

const split = record({ rule: oneOf(splitRule), validation: part, test: part });

const config = record({
  format: oneOf("scan-train run"),
  version: oneOf(1),
  task,
  data,
  split,
  encoding,
  model,
  training,
  baselines: list(baseline),
});

/** All that predicting and evaluating need besides the weights. */
export type RunConfig = Decoded<typeof config>;
export type ModelOptions = Decoded<typeof model>;
export type TrainingOptions = Decoded<typeof training>;
export type DataSource = Decoded<typeof data>;

/** A config from parsed JSON. @throws {@link DecodeError} naming the field */
export const decodeConfig: Decoder<RunConfig> = config;

/** The part of a config that options decide. @throws {@link DecodeError} naming the field */
export const decodeOptions = record({ model, training, split });

/** The config as the text of a file. */
export function configText(value: RunConfig): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/**
 * What `model.safetensors` carries so that it is a whole model by itself: the config, but for where its data lie. Equal
 * runs thus have equal files, wherever they were trained.
 */
export function modelMetadata(value: RunConfig): Record<string, string> {
  const { data: source, ...rest } = value;
  const portable = source.source === "file" ? { ...source, file: undefined } : source;
  return { [configKey]: JSON.stringify({ ...rest, data: portable }) };
}
