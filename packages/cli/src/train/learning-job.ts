import { type AddingProblem, addingExamples } from "../data/adding-problem.ts";
import type { Normalisation } from "../data/encoding.ts";
import { readNames } from "../data/names.ts";
import type { Example, Task } from "../data/task.ts";
import { plural } from "../render/format.ts";
import type { DataSource } from "../run-folder/config.ts";

/** What is to be learnt, and from what. */
export interface LearningJob {
  /** Of the run folder. */
  readonly name: string;
  readonly task: Task;
  readonly examples: readonly Example[];
  readonly normalise: Normalisation;
  /** What was found, in a line for the user. */
  readonly found: string;
}

/** A job whose examples need no file. */
export interface MadeJob extends LearningJob {
  readonly source: Exclude<DataSource, { readonly source: "file" }>;
}

/** The default job: is a first name male or female? */
export function namesJob(): MadeJob {
  const examples = readNames();
  return {
    name: "names",
    task: { input: "text", target: "label" },
    examples,
    normalise: "name",
    found: `names: ${plural(examples.length, "English first name")} that are either female or male`,
    source: { source: "names" },
  };
}

/** The adding problem: the sum of the two numbers of a sequence that are marked. */
export function addingJob(problem: AddingProblem): MadeJob {
  return {
    name: "adding",
    task: { input: "numbers", target: "number" },
    examples: addingExamples(problem),
    normalise: "none",
    found: `adding problem: ${plural(problem.rows, "sequence")} of ${plural(problem.steps, "number")}, two of them marked`,
    source: { source: "adding", ...problem },
  };
}

/** The examples of a job that needs no file, made again. */
export function madeExamples(source: MadeJob["source"]): Example[] {
  return source.source === "names" ? readNames() : addingExamples(source);
}
