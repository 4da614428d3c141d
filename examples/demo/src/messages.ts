/** What the page and its two workers say to each other. Everything here is plain data. */
import type { RunConfig } from "@scan-train/cli/job";

export type TaskName = "names" | "adding";
export type CellName = "rnn" | "gru" | "lstm";

/** What the user chose before a run. */
export interface Settings {
  readonly task: TaskName;
  readonly cell: CellName;
  readonly backend: "wasm" | "webgpu";
  readonly workers: number;
  readonly hidden: number;
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  readonly schedule: "constant" | "linear";
  readonly seed: number;
}

/** Parameters by name, as they travel. */
export type Snapshot = Readonly<
  Record<string, { readonly data: Float32Array; readonly shape: readonly number[] }>
>;

export type ToTrainer =
  | { readonly kind: "start"; readonly settings: Settings }
  | { readonly kind: "pause" | "resume" | "stop" | "export" }
  | { readonly kind: "rate"; readonly learningRate: number };

/** One update, or the averages of an epoch. */
export interface Point {
  /** Updates since the start of the run. */
  readonly update: number;
  readonly loss: number;
  /** Accuracy, or the squared error. */
  readonly metric: number;
}

export type FromTrainer =
  /** Whether WebGPU can be had, or why not. */
  | { readonly kind: "gpu"; readonly adapter: string; readonly isSoftware: boolean }
  | { readonly kind: "no gpu"; readonly reason: string }
  | {
      readonly kind: "begun";
      readonly config: RunConfig;
      readonly parameters: number;
      readonly sequences: number;
      readonly updates: number;
      readonly updatesPerEpoch: number;
      readonly trainedBy: string;
    }
  | {
      readonly kind: "progress";
      readonly points: readonly Point[];
      readonly epoch: number;
      readonly sequencesPerSecond: number;
      readonly learningRate: number;
    }
  | { readonly kind: "epoch"; readonly epoch: number; readonly validation: Point }
  | { readonly kind: "snapshot"; readonly update: number; readonly parameters: Snapshot }
  | { readonly kind: "paused" | "resumed" }
  | { readonly kind: "ended"; readonly reason: "finished" | "stopped" }
  | { readonly kind: "model"; readonly bytes: Uint8Array<ArrayBuffer>; readonly sha256: string }
  /** It was asked for and cannot be had; a run goes on. */
  | { readonly kind: "no model"; readonly reason: string }
  | { readonly kind: "failed"; readonly message: string };

export type ToObserver =
  | { readonly kind: "begin"; readonly config: RunConfig }
  | { readonly kind: "snapshot"; readonly update: number; readonly parameters: Snapshot }
  | { readonly kind: "text"; readonly text: string };

/** What the model says after each letter of a name. */
export interface LetterAnswer {
  readonly letter: string;
  /** By class, adding to 1. */
  readonly probabilities: readonly number[];
}

export type FromObserver =
  | {
      readonly kind: "norms";
      readonly cell: CellName;
      /** Updates behind the parameters; 0: untrained. */
      readonly update: number;
      readonly norms: readonly number[];
    }
  | {
      readonly kind: "letters";
      readonly text: string;
      readonly classes: readonly string[];
      readonly letters: readonly LetterAnswer[];
      readonly update: number;
    }
  | { readonly kind: "failed"; readonly message: string };
