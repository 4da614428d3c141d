import { DataError } from "../errors.ts";
import { targetSteps } from "./baselines.ts";
import { type Scale, fitScale } from "./scale.ts";
import { type Vocabulary, buildVocabulary } from "./vocabulary.ts";
import type { Split } from "./split.ts";
import type { Example, Task } from "./task.ts";

/** How inputs become numbers of a model. Plain data, as it stands in config.json. */
export type InputEncoding =
  | { readonly kind: "text"; readonly vocabulary: Vocabulary; readonly normalise: Normalisation }
  | { readonly kind: "numbers"; readonly scale: Scale };

/** What is done to a text before its characters are looked up. */
export type Normalisation = "none" | "name";

/** How answers become numbers of a model. */
export type TargetEncoding =
  | { readonly kind: "label" | "step-label"; readonly labels: readonly string[] }
  | { readonly kind: "number" | "step-number"; readonly scale: Scale }
  | { readonly kind: "next" };

export interface Encoding {
  readonly input: InputEncoding;
  readonly target: TargetEncoding;
}

/**
 * Learns from data what the numbers of a model mean: characters and the scale of numbers from the part to train on,
 * labels from all parts.
 *
 * @throws {@link DataError} where there is nothing to train on, or only one label
 */
export function fitEncoding(task: Task, split: Split, normalise: Normalisation = "none"): Encoding {
  if (split.train.length === 0) {
    throw new DataError("no row is left to train on", {
      hint: "give more rows, or smaller --validation-fraction and --test-fraction",
    });
  }
  return { input: fitInput(task, split.train, normalise), target: fitTarget(task, split) };
}

function fitInput(task: Task, train: readonly Example[], normalise: Normalisation): InputEncoding {
  if (task.input === "text") {
    const texts = train.map(({ input }) => (typeof input === "string" ? input : ""));
    return { kind: "text", vocabulary: buildVocabulary(texts), normalise };
  }
  const sequences = train.map(({ input }) => (typeof input === "string" ? [] : input));
  return { kind: "numbers", scale: fitScale(sequences.flat()) };
}

function fitTarget({ target }: Task, split: Split): TargetEncoding {
  switch (target) {
    case "label":
    case "step-label":
      return { kind: target, labels: fitLabels(split) };
    case "number":
    case "step-number":
      return { kind: target, scale: fitScale(split.train.flatMap(targetSteps)) };
    case "next":
      return { kind: target };
    default:
      return target satisfies never;
  }
}

function fitLabels(split: Split): string[] {
  const trained = new Set(split.train.flatMap(labelsOf));
  const [only] = trained;
  if (trained.size === 1) {
    throw new DataError(`every row to train on has the label ${JSON.stringify(only)}`, {
      hint: "a model needs at least two labels to tell apart",
    });
  }
  const all = new Set([...trained, ...[...split.validation, ...split.test].flatMap(labelsOf)]);
  return [...all].sort((a, b) => (a < b ? -1 : 1));
}

/** The labels of an example: one, or one for each step. */
export function labelsOf({ target }: Example): readonly string[] {
  if (typeof target === "string") return [target];
  if (!Array.isArray(target)) return [];
  return target.filter((label): label is string => typeof label === "string");
}
