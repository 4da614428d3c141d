import type { cells, optimizers, schedules } from "../run-folder/config.ts";

/** What decides the result of a run besides its data, as the command line says it. */
export interface RunOptions {
  readonly validationFraction: number;
  readonly testFraction: number;

  readonly cell: (typeof cells)[number];
  readonly hidden: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly embedding: number;

  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: (typeof optimizers)[number];
  readonly lr: number;
  readonly schedule: (typeof schedules)[number];
  /** 0: no clipping. */
  readonly clip: number;
  readonly seed: number;
}

/** What the command line takes where the user says nothing. Tuned on the names. */
export const defaultRunOptions: RunOptions = {
  validationFraction: 0.1,
  testFraction: 0.1,
  cell: "gru",
  hidden: 64,
  layers: 1,
  bidirectional: false,
  embedding: 32,
  epochs: 15,
  batch: 64,
  optimizer: "adam",
  lr: 0.004,
  schedule: "linear",
  clip: 1,
  seed: 1,
};
