import type { cells, optimizers, schedules } from "../run-folder/config.ts";

/** What decides a run besides its examples. Names and defaults are those of the options of `scan-train train`. */
export interface JobOptions {
  /** Part of the rows kept to watch training, from 0 to 0.9; the split goes by thousandths. */
  readonly validationFraction: number;
  /** Part of the rows kept for the final test. */
  readonly testFraction: number;

  readonly cell: (typeof cells)[number];
  /** Numbers of a state. */
  readonly hidden: number;
  /** Cells on top of each other. */
  readonly layers: number;
  /** Read each sequence in both directions. */
  readonly bidirectional: boolean;
  /** Numbers per character of a text. */
  readonly embedding: number;

  readonly epochs: number;
  /** Sequences per update. */
  readonly batch: number;
  readonly optimizer: (typeof optimizers)[number];
  /** Learning rate. */
  readonly lr: number;
  readonly schedule: (typeof schedules)[number];
  /** The greatest norm of a gradient; 0: any. */
  readonly clip: number;
  readonly seed: number;
}

/** Tuned on the names job. */
export const jobDefaults: JobOptions = {
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
