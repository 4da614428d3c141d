/**
 * What passes between a page and its workers where memory cannot be shared. Each worker has a memory of its own, with a copy of the
 * data and of the parameters. The page hands out the shards of a step; a worker sends back its slot. One worker adds the slots in the
 * fixed tree and updates; what it makes of the parameters goes to all others, and home. Buffers are transferred, never copied, by
 * whoever sends them.
 *
 * The page adds and computes nothing, and asks a worker for one thing after another: answers come in the order of the questions.
 */
import type { ColumnShape } from "../compute/predictions.ts";
import type { Job } from "../compute/work.ts";
import type { DatasetParts } from "../data/dataset.ts";
import type { ColumnArray } from "../data/row-values.ts";
import type { Step } from "./control.ts";
import type { Fault } from "./fault.ts";
import type { StepFailure } from "./shard-worker.ts";

/** A dataset by its number; with its data the first time that a worker hears of it. */
export interface SentDataset {
  readonly id: number;
  readonly parts?: DatasetParts;
}

/** To a worker that is to take part in a run. */
export interface BeginTask {
  readonly fingerprint: string;
  readonly job: Job;
  /** Those of the run; the worker forgets all others. */
  readonly datasets: readonly SentDataset[];
  readonly predictions: readonly ColumnShape[];
  readonly faults: readonly Fault[];
}

export type BeginOutcome =
  | { readonly kind: "begun" }
  /** Built from other sources. */
  | { readonly kind: "refused"; readonly fingerprint: string };

/** The state's first bytes, as they are before the step that reads `copy`. */
export interface AdoptTask {
  readonly copy: number;
  readonly bytes: ArrayBuffer;
}

export interface ShardTask {
  readonly step: Step;
  readonly shard: number;
  readonly attempt: number;
}

export interface ShardOutcome {
  /** The slot: status, sums, and in training the gradients. */
  readonly slot: ArrayBuffer;
  /** The predictions for the shard's rows, one array per output. */
  readonly predictions: readonly ColumnArray[];
}

export interface FinishTask {
  readonly step: Step;
  readonly slots: readonly ArrayBuffer[];
  readonly attempt: number;
  /** How many others need the new parameters, and how many bytes of the state these are. */
  readonly others: number;
  readonly othersBytes: number;
}

export interface FinishOutcome {
  readonly results: Float64Array;
  readonly failure?: StepFailure;
  /** After an update: the whole state, and its first bytes for each of the others. */
  readonly state?: ArrayBuffer;
  readonly others: readonly ArrayBuffer[];
}

/** A worker as the page asks it. Every call rejects when the worker ends. */
export interface MailWorker {
  begin(task: BeginTask): Promise<BeginOutcome>;
  adopt(task: AdoptTask): Promise<void>;
  shard(task: ShardTask): Promise<ShardOutcome>;
  finish(task: FinishTask): Promise<FinishOutcome>;
}

/** What a worker does, without the border between. */
export interface MailService {
  begin(task: BeginTask): BeginOutcome;
  adopt(task: AdoptTask): void;
  shard(task: ShardTask): ShardOutcome;
  finish(task: FinishTask): FinishOutcome;
}
