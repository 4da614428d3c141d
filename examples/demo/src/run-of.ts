/** From the user's choices to the run that `scan-train train` would make of them. */
import {
  addingJob,
  defaultRunOptions,
  namesJob,
  planRun,
  type MadeJob,
  type Plan,
  type RunConfig,
  type RunOptions,
} from "@scan-train/cli/job";
import type { Settings, TaskName } from "./messages.ts";

export const addingProblem = { rows: 2500, steps: 50, seed: 1 } as const;

export function jobOf(task: TaskName): MadeJob {
  return task === "names" ? namesJob() : addingJob(addingProblem);
}

export interface PlannedRun {
  readonly config: RunConfig;
  readonly split: Plan["split"];
}

export function plannedRun(settings: Settings): PlannedRun {
  const { cell, hidden, epochs, batch, learningRate: lr, schedule, seed } = settings;
  const options: RunOptions = {
    ...defaultRunOptions,
    cell,
    hidden,
    epochs,
    batch,
    lr,
    schedule,
    seed,
  };
  const job = jobOf(settings.task);
  const { config, split } = planRun(job, options);
  const backend = settings.backend === "webgpu" ? settings.backend : undefined;
  const training = { ...config.training, backend };
  return { config: { ...config, training, data: job.source }, split };
}
