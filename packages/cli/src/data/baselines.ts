import { fitScale } from "./scale.ts";
import type { Example, Steps, Task } from "./task.ts";

/**
 * A rule that takes no learning to speak of, fitted on the training part: what a model has to beat. Plain data, as it
 * stands in config.json.
 */
export type Baseline =
  /** The same answer, whatever comes: a label, or the numbers' means. */
  | {
      readonly name: string;
      readonly kind: "constant";
      readonly answer: string | readonly number[];
    }
  /** The label that is most frequent with the text's last character. */
  | { readonly name: string; readonly kind: "last-character"; readonly table: AnswerTable }
  /** The character that most often follows this one; the empty text is start and end. */
  | { readonly name: string; readonly kind: "this-character"; readonly table: AnswerTable };

/** The most frequent answer for each character, and for those never seen. */
export interface AnswerTable {
  readonly answers: Readonly<Record<string, string>>;
  readonly otherwise: string;
}

/** What a baseline scores on some examples: accuracy, or for numbers the mean squared error. */
export interface BaselineScore {
  readonly name: string;
  readonly score: number;
}

/** The baselines of a task, from examples to train on. */
export function fitBaselines(task: Task, train: readonly Example[]): Baseline[] {
  switch (task.target) {
    case "label": {
      const pairs = train.flatMap((example) => answersOf(task, example));
      const majority = { name: "majority", kind: "constant", answer: mostFrequent(pairs) } as const;
      if (task.input === "numbers") return [majority];
      return [majority, { name: "last letter", kind: "last-character", table: tableOf(pairs) }];
    }
    case "step-label": {
      const pairs = train.flatMap((example) => answersOf(task, example));
      return [{ name: "majority", kind: "constant", answer: mostFrequent(pairs) }];
    }
    case "next": {
      const pairs = train.flatMap((example) => answersOf(task, example));
      return [{ name: "last character", kind: "this-character", table: tableOf(pairs) }];
    }
    case "number":
    case "step-number": {
      const { mean } = fitScale(train.flatMap(targetSteps));
      return [{ name: "mean", kind: "constant", answer: mean }];
    }
    default:
      return task.target satisfies never;
  }
}

/** What a baseline scores on examples, of which there must be at least one. */
export function scoreBaseline(
  task: Task,
  baseline: Baseline,
  examples: readonly Example[],
): BaselineScore {
  const { name } = baseline;
  if (baseline.kind === "constant" && typeof baseline.answer !== "string") {
    return { name, score: meanSquaredError(baseline.answer, examples.flatMap(targetSteps)) };
  }
  const pairs = examples.flatMap((example) => answersOf(task, example));
  const guess = ({ seen }: Pair): string => {
    if (baseline.kind === "constant") return String(baseline.answer);
    const { answers, otherwise } = baseline.table;
    return Object.hasOwn(answers, seen) ? (answers[seen] ?? otherwise) : otherwise;
  };
  const right = pairs.filter((pair) => guess(pair) === pair.answer).length;
  return { name, score: right / pairs.length };
}

/** One question and its answer, as a table of characters sees it. */
interface Pair {
  /** The last character of a text with one label; the character before the next one. */
  readonly seen: string;
  readonly answer: string;
}

function answersOf(task: Task, { input, target }: Example): Pair[] {
  const characters = typeof input === "string" ? [...input] : [];
  if (task.target === "next") {
    return [...characters, ""].map((answer, i) => ({ seen: characters[i - 1] ?? "", answer }));
  }
  if (typeof target === "string") return [{ seen: characters.at(-1) ?? "", answer: target }];
  if (!Array.isArray(target)) return [];
  return target.map((answer) => ({ seen: "", answer: String(answer) }));
}

function tableOf(pairs: readonly Pair[]): AnswerTable {
  const bySeen = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const group = bySeen.get(pair.seen);
    if (group === undefined) bySeen.set(pair.seen, [pair]);
    else group.push(pair);
  }
  const entries = [...bySeen].map(([seen, group]) => [seen, mostFrequent(group)] as const);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return { answers: Object.fromEntries(entries), otherwise: mostFrequent(pairs) };
}

/** The most frequent answer; of equally frequent ones the first in the order of code units. */
function mostFrequent(pairs: readonly Pair[]): string {
  const counts = new Map<string, number>();
  for (const { answer } of pairs) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  const [best] = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return best?.[0] ?? "";
}

/** The numbers of a target as steps `[T or 1][K]`. */
export function targetSteps({ target }: Example): Steps {
  if (typeof target === "number") return [[target]];
  if (!Array.isArray(target)) return [];
  return target.filter((step): step is readonly number[] => Array.isArray(step));
}

function meanSquaredError(mean: readonly number[], steps: Steps): number {
  let sum = 0;
  let count = 0;
  for (const step of steps) {
    for (const [index, value] of step.entries()) {
      const error = value - (mean[index] ?? 0);
      sum += error * error;
      count += 1;
    }
  }
  return sum / count;
}
