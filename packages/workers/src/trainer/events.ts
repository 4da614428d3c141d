/**
 * What happens in training, as one flat stream. Terminal, log file and web page show it; nothing here prints. Epochs, and
 * steps within them, count from 1; shards and workers are known by numbers from 0.
 */

/** Averages over a dataset. */
export interface Evaluation {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly sequences: number;
  readonly tokens: number;
  /** The share of computed time steps that were padding, 0 .. 1. */
  readonly waste: number;
  readonly seconds: number;
}

interface Averages {
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export type TrainerEvent =
  | {
      readonly kind: "start";
      /** Numbers in the parameters. */
      readonly parameters: number;
      /** "wasm", or the device that trains. */
      readonly backend: string;
      readonly workers: number;
      readonly shards: number;
      readonly sequences: number;
      readonly epochs: number;
      /** Updates per epoch. */
      readonly steps: number;
    }
  | {
      readonly kind: "epoch-start";
      readonly epoch: number;
      /** The first that is done: 1, or a later one where an interrupted epoch goes on. */
      readonly step: number;
      readonly steps: number;
    }
  | (Averages & {
      readonly kind: "step";
      readonly epoch: number;
      /** Counted from 1 within the epoch. */
      readonly step: number;
      /** Updates of the epoch. */
      readonly steps: number;
      /** The penalty, which the loss does not include; 0 without one. */
      readonly penalty: number;
      /** The norm of the averaged gradient before clipping. */
      readonly gradientNorm: number;
      /** The total weight that the loss was divided by. */
      readonly weight: number;
      readonly sequences: number;
      readonly tokens: number;
      /** The share of computed time steps that were padding. */
      readonly waste: number;
      /** From the end of the step before, or the beginning of the epoch, by the clock of those who work. */
      readonly seconds: number;
    })
  | {
      readonly kind: "shard";
      readonly epoch: number;
      readonly step: number;
      readonly shard: number;
      readonly worker: number;
    }
  | (Averages & {
      readonly kind: "epoch-end";
      readonly epoch: number;
      readonly sequences: number;
      readonly tokens: number;
      readonly waste: number;
      readonly seconds: number;
      readonly validation?: Evaluation;
    })
  | { readonly kind: "worker-died"; readonly worker: number; readonly reason: string }
  | { readonly kind: "worker-replaced"; readonly worker: number }
  | { readonly kind: "checkpoint"; readonly folder: string; readonly epoch: number }
  | {
      readonly kind: "end";
      readonly reason: "finished" | "stopped";
      readonly epochs: number;
      readonly steps: number;
      readonly seconds: number;
    };
