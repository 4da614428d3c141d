import { UsageError } from "../errors.ts";
import { fitBaselines } from "../data/baselines.ts";
import { fitEncoding, labelsOf } from "../data/encoding.ts";
import { quote } from "../data/problems.ts";
import { type Split, splitExamples, splitRule } from "../data/split.ts";
import type { Example } from "../data/task.ts";
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
  const facts = [job.found, ...rareLabels(job.examples), ...describePlan(split, config)];
  return { split, config, facts };
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

/** Labels of so many are named. */
const mostNamed = 3;

/** A label that stands in one row is a class of its own, of which nothing can be learnt: most often it is misspelt. */
function rareLabels(examples: readonly Example[]): string[] {
  const rows = new Map<string, number>();
  for (const label of examples.flatMap((example) => [...new Set(labelsOf(example))]))
    rows.set(label, (rows.get(label) ?? 0) + 1);
  const rare = [...rows].flatMap(([label, count]) => (count === 1 ? [quote(label)] : []));
  if (rare.length === 0) return [];
  const more = rare.length > mostNamed ? `, and ${formatCount(rare.length - mostNamed)} more` : "";
  const named = `${rare.slice(0, mostNamed).join(", ")}${more}`;
  return [
    rare.length === 1
      ? `note: the label ${named} stands in one row only: is it misspelt?`
      : `note: the labels ${named} stand in one row each: are they misspelt?`,
  ];
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
