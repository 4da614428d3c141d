import { scoreBaseline } from "../data/baselines.ts";
import type { Split } from "../data/split.ts";
import { type Example, isCategorical } from "../data/task.ts";
import type { Result } from "../render/events.ts";
import type { RunConfig } from "../run-folder/config.ts";
import { type RunTrainer, datasetOf } from "./trainer-options.ts";

/** The metric that decides for a task: the one its baselines are measured in. */
export function mainMetric({ target }: RunConfig["task"]): string {
  return isCategorical(target) ? "accuracy" : "squared error";
}

/** The rows that say most about a model: those kept for the test, else for validation, else those it was trained on. */
export function heldOutRows(split: Split): { part: Result["part"]; examples: readonly Example[] } {
  if (split.test.length > 0) return { part: "test", examples: split.test };
  if (split.validation.length > 0) return { part: "validation", examples: split.validation };
  return { part: "training", examples: split.train };
}

/** Measures a trained model and the simple rules of its config on the same examples. */
export async function measure(
  trainer: RunTrainer,
  config: Pick<RunConfig, "task" | "encoding" | "baselines">,
  part: Result["part"],
  examples: readonly Example[],
): Promise<Result> {
  const { task, encoding, baselines } = config;
  const { loss, metrics } = await trainer.evaluate(datasetOf(encoding, examples, "the test rows"));
  return {
    part,
    rows: examples.length,
    scores: { loss, metrics },
    metric: mainMetric(task),
    baselines: baselines.map((baseline) => scoreBaseline(task, baseline, examples)),
  };
}
