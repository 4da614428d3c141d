/**
 * What runs the steps of a trainer, and keeps the parameters meanwhile: threads over one memory, workers with memories of their own,
 * or a device. Epochs, events, evaluation, prediction and checkpoints are written on this, once for all of them.
 */
import type { NDArray, Shared } from "@scan-train/core";
import type { Column, DatasetParts } from "../data/dataset.ts";
import type { PaddingPoke } from "../data/gather.ts";
import type { StepRequest, StepResult } from "../protocol/coordinator.ts";
import type { Fault } from "../protocol/fault.ts";
import type { Place } from "./failures.ts";
import type { Settings } from "./options.ts";
import type { TrainerPrograms } from "./programs.ts";

/** What is reported while steps go through. */
export type RunEvent =
  | { readonly kind: "result"; readonly result: StepResult }
  | { readonly kind: "worker-died"; readonly worker: number; readonly reason: string }
  | { readonly kind: "worker-replaced"; readonly worker: number };

/** A step before the engine decides which copy of the state it reads. */
export type Request = Omit<StepRequest, "source">;

/** Steps, and what to say and ask while they go through. */
export interface StepsRequest {
  /** A request names its dataset by its place here. */
  readonly datasets: readonly DatasetParts[];
  /** Where predictions go, one column per output. Default: none. */
  readonly predictions?: readonly Column[];
  readonly requests: Iterator<Request>;
  /** For messages. */
  readonly place: Place;
  /** True once no more steps are wanted. */
  readonly stopped?: () => boolean;
}

export interface StepEngine {
  readonly state: EngineState;
  /** Steps that the present or last run has behind it, read or not. */
  readonly finished: number;
  /** Makes ready what the batches of a dataset of so many rows need besides the programs. */
  prepare(rows: number): Promise<void>;
  /** Refuses to begin `what` beside something else. @throws ArgumentError TRAINER_BUSY, TRAINER_CLOSED */
  require(what: string): void;
  /** The value of `finished` before any step of a run over these datasets: the present run, where it is over the same ones. */
  open(datasets: readonly DatasetParts[]): Promise<number>;
  /**
   * Passes steps through, some ahead of the reader, and yields what comes back, in the order of the requests; after a stop also what
   * had come through by then. A step either counts whole, and `finished` and `state` show it at the same moment, or not at all.
   * @throws ArgumentError TRAINER_BUSY, TRAINER_CLOSED, DATA_REFUSED; TrainingError NON_FINITE_*, UPDATE_FAILED;
   * UnsupportedError WORKER_STALE, WORKERS_LOST, SHARD_FAILED
   */
  steps(request: StepsRequest): AsyncGenerator<RunEvent, void, undefined>;
  /** Makes `steps` look at once whether it was stopped. */
  wake(): void;
  /** Ends the run, and counts steps from 0 again, unless steps are going through. */
  endRun(): Promise<void>;
  /** Ends everything, and gives the variables their values back. May be called again. */
  close(): Promise<void>;
}

/** The shared variables of all programs while an engine owns them. */
export interface EngineState {
  /** The parameters first. */
  readonly variables: readonly Shared[];
  /** A copy of the present value. @throws ArgumentError SHARED_ON_DEVICE where the engine answers by promise alone */
  read(variable: Shared): NDArray;
  /** The values of all variables between two steps, and what `look` says at the same moment. */
  snapshot<T>(look: () => T): Promise<Snapshot<T>>;
  /** Replaces a value. @throws ArgumentError TRAINER_BUSY while steps go through */
  write(variable: Shared, value: NDArray): void;
}

export interface Snapshot<T> {
  /** In the order of `variables`. */
  readonly values: readonly NDArray[];
  readonly seen: T;
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly settings: Settings;
  readonly programs: TrainerPrograms;
  readonly parameters: readonly Shared[];
  readonly faults: readonly Fault[];
  readonly poke: PaddingPoke;
}

/** Workers that have been started; they come up while the programs are compiled. */
export interface EngineSource {
  /** Whether the memory that programs are compiled for is shared. */
  readonly sharedMemory: boolean;
  create(options: EngineOptions): StepEngine;
  /** For when it has not come to an engine. */
  close(): Promise<void>;
}
