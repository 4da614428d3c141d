import type { Backend } from "@scan-train/core";
import { createTrainer } from "@scan-train/workers/node";
import type { RunConfig } from "../run-folder/config.ts";
import { type RunTrainer, type TrainerNeeds, trainerOptions } from "./trainer-options.ts";

/** Threads, or a device. */
export type RunsOn = { readonly workers: number } | { readonly backend: Backend };

/** A trainer of this machine for a run. */
export function openTrainer(
  config: RunConfig,
  { runsOn, ...needs }: TrainerNeeds & { readonly runsOn: RunsOn },
): Promise<RunTrainer> {
  return createTrainer({ ...trainerOptions(config, needs), ...runsOn });
}
