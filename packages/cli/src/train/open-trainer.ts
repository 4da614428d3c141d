import { createTrainer } from "@scan-train/workers/node";
import type { RunConfig } from "../run-folder/config.ts";
import { type RunTrainer, type TrainerSetup, trainerOptions } from "./trainer-options.ts";

/** A trainer for a run, on the threads of this machine or on its GPU. */
export function openTrainer(config: RunConfig, setup: TrainerSetup): Promise<RunTrainer> {
  return createTrainer(trainerOptions(config, setup));
}
