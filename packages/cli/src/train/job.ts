import { type AddingProblem, addingDefaults, addingProblem } from "../data/adding-problem.ts";
import type { Normalisation } from "../data/encoding.ts";
import { namesExamples } from "../data/names.ts";
import type { Example, Task } from "../data/task.ts";
import { formatCount, plural } from "../render/format.ts";
import type { DataSource } from "../run-folder/config.ts";

/** What is to be learnt, and from what. */
export interface Job {
  /** Of the run folder. */
  readonly name: string;
  readonly task: Task;
  readonly examples: readonly Example[];
  readonly normalise: Normalisation;
  /** What was found, in a line for the user. */
  readonly found: string;
  /** Where the examples come from, without the path of a file. */
  readonly data: DataSource;
}

/** The job of `scan-train train` without options: is a first name male or female? */
export function namesJob(): Job {
  const examples = namesExamples();
  return {
    name: "names",
    task: { input: "text", target: "label" },
    examples,
    normalise: "name",
    found: `names: ${plural(examples.length, "English first name")} that are either female or male`,
    data: { source: "names" },
  };
}

/**
 * The adding problem as a job: sequences of two numbers per step, and a number to learn.
 *
 * @throws {@link UsageError} for counts and lengths that cannot be
 */
export function addingJob(options: Partial<AddingProblem> = {}): Job {
  const { rows, shortest, longest, seed } = { ...addingDefaults, ...options };
  const problem = { rows, shortest, longest, seed };
  return {
    name: "adding",
    task: { input: "numbers", target: "number" },
    examples: addingProblem(problem),
    normalise: "none",
    found: `adding problem: ${plural(rows, "sequence")} of ${formatCount(shortest)} to ${formatCount(longest)} steps, two of them marked`,
    data: { source: "adding problem", ...problem },
  };
}

/** The examples of a job that needs no file, made anew. */
export function madeExamples(data: Exclude<DataSource, { readonly source: "file" }>): Example[] {
  switch (data.source) {
    case "names":
      return namesExamples();
    case "adding problem":
      return addingProblem(data);
    default:
      return data satisfies never;
  }
}
