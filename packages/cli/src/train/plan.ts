import { UsageError } from "../errors.ts";
import { fitBaselines } from "../data/baselines.ts";
import { fitEncoding } from "../data/encoding.ts";
import { type Split, splitExamples, splitRule } from "../data/split.ts";
import type { RunOptions } from "../options/run-options.ts";
import { formatCount, plural } from "../render/format.ts";
import { type RunConfig, decodeOptions } from "../run-folder/config.ts";
import { DecodeError } from "../run-folder/decode.ts";
import type { LearningJob } from "./learning-job.ts";
import { checkModelSize } from "./model-size.ts";

/** A run before it begins: what it learns from, and its config. */
export interface Plan {
  readonly split: Split;
  readonly config: Omit<RunConfig, "data">;
  /** What the user should know, in lines. */
  readonly facts: readonly string[];
}

/**
 * Splits the examples and settles all that decides the result. Messages name options as the command line or the config does.
 *
 * @throws {@link DataError} where there is nothing to train on, {@link UsageError} for options that do not fit the task
 */
export function planRun(job: LearningJob, flags: RunOptions): Plan {
  if (job.task.target === "next" && flags.bidirectional) {
    throw new UsageError(
      "--bidirectional: a model that reads backwards has seen the next character",
      {
        hint: "leave --bidirectional out, or learn a label",
      },
    );
  }
  if (flags.validationFraction + flags.testFraction > 0.95) {
    throw new UsageError(
      "--validation-fraction and --test-fraction leave too few rows to train on",
      {
        hint: "their sum may be at most 0.95",
      },
    );
  }
  const fractions = { validation: flags.validationFraction, test: flags.testFraction };
  const split = splitExamples(job.examples, fractions);
  const config: Plan["config"] = {
    format: "scan-train run",
    version: 1,
    task: job.task,
    split: { rule: splitRule, ...fractions },
    encoding: fitEncoding(job.task, split, job.normalise),
    model: {
      cell: flags.cell,
      hidden: flags.hidden,
      layers: flags.layers,
      bidirectional: flags.bidirectional,
      embedding: flags.embedding,
    },
    training: {
      epochs: flags.epochs,
      batch: flags.batch,
      optimizer: flags.optimizer,
      learningRate: flags.lr,
      schedule: flags.schedule,
      clip: flags.clip === 0 ? null : flags.clip,
      seed: flags.seed,
      backend: undefined,
    },
    baselines: fitBaselines(job.task, split.train),
  };
  checkOptions(config);
  checkModelSize(config.encoding, config.model);
  return { split, config, facts: [job.found, ...describePlan(split, config)] };
}

/** Who calls this from a program may give what the command line would not have let through. */
function checkOptions(config: Plan["config"]): void {
  try {
    decodeOptions(config, "");
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new UsageError(error.message, { hint: "take a value from that range", cause: error });
  }
}

function describePlan(split: Split, { model, training, encoding }: Plan["config"]): string[] {
  const { train, validation, test } = split;
  const parts = [
    `${formatCount(train.length)} to train`,
    `${formatCount(validation.length)} to validate`,
    `${formatCount(test.length)} to test`,
  ].join(", ");
  const layers = [
    ...(encoding.input.kind === "text" ? [`embedding ${model.embedding}`] : []),
    `${model.bidirectional ? "bidirectional " : ""}${model.cell.toUpperCase()}-${model.hidden}${model.layers > 1 ? ` x ${model.layers}` : ""}`,
    answerOf(encoding.target),
  ].join(" -> ");
  const schedule = training.schedule === "constant" ? "" : `, ${training.schedule}ly falling`;
  const clip = training.clip === null ? "" : `, clip ${training.clip}`;
  const rule = `${training.optimizer} at ${training.learningRate}${schedule}${clip}`;
  return [
    `rows: ${parts}`,
    `model: ${layers}`,
    `training: ${rule}, batches of ${training.batch}, ${plural(training.epochs, "epoch")}, seed ${training.seed}`,
  ];
}

function answerOf(target: RunConfig["encoding"]["target"]): string {
  switch (target.kind) {
    case "label":
      return labelCount(target.labels);
    case "step-label":
      return `${labelCount(target.labels)} per step`;
    case "number":
      return "a number";
    case "step-number":
      return `${plural(target.scale.mean.length, "number")} per step`;
    case "next":
      return "next character";
    default:
      return target satisfies never;
  }
}

function labelCount(labels: readonly string[]): string {
  return labels.length === 2 ? labels.join(" or ") : plural(labels.length, "label");
}
