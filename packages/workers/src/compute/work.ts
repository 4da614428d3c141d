/** What workers compute: programs, where things lie in memory, data. Plain data; it travels in the message that starts a run. */
import type { ExecutablePlan } from "@scan-train/core/backend-kit";
import type { DatasetParts, Column } from "../data/dataset.ts";
import type { PaddingPoke } from "../data/gather.ts";

/** A compiled program. */
export interface Program {
  readonly module: WebAssembly.Module;
  readonly plan: ExecutablePlan;
  /** For each of `plan.shared`, which variable of the state it is. */
  readonly state: readonly number[];
}

/** Programs by key: "gradient", "update", "evaluate", "predict", and `reduceKey`. */
export type Programs = Readonly<Record<string, Program>>;

/** An array inside a slot. */
export interface SlotEntry {
  readonly name: string;
  readonly dtype: "float32" | "float64";
  /** Bytes from the start of the slot. */
  readonly offset: number;
  readonly count: number;
}

/** A piece of the gradient that is reduced as one task; elements of one dtype. */
export interface Stripe {
  readonly dtype: "float32" | "float64";
  readonly offset: number;
  readonly count: number;
}

/**
 * A slot holds the sums of one shard: an int32 status, float64 sums (weight, loss, metrics), the gradients.
 * The total over the shards has the same layout.
 */
export interface SlotLayout {
  readonly bytes: number;
  readonly sums: readonly SlotEntry[];
  readonly gradients: readonly SlotEntry[];
  readonly stripes: readonly Stripe[];
}

/** Where the shared variables of all programs lie in a copy of the state. */
export interface StateOffsets {
  readonly bytes: number;
  readonly offsets: readonly number[];
}

/** The state twice: a training step reads one copy and writes the other. */
export interface StateLayout extends StateOffsets {
  /** Byte addresses of the two copies. */
  readonly copies: readonly [number, number];
}

/** What does not depend on whose memory it is. */
export interface Job {
  readonly programs: Programs;
  readonly slot: SlotLayout;
  readonly state: StateOffsets;
  readonly seed: number;
  readonly poke: PaddingPoke;
}

/** A job with its data, in some memory. */
export interface PlacedJob extends Job {
  readonly state: StateLayout;
  /** Address of the total over the shards. */
  readonly total: number;
  readonly datasets: readonly DatasetParts[];
}

/** A job in memory that all threads share. */
export interface Work extends PlacedJob {
  /** Names the trainer: what a worker has built for it stays valid from run to run. */
  readonly session: string;
  readonly memory: WebAssembly.Memory;
  /** Where predictions go, one column per output, rows as in dataset 0. */
  readonly predictions: readonly Column[];
}

/** The key of the program that adds a stripe over `shards` shards. */
export function reduceKey(dtype: "float32" | "float64", shards: number): string {
  return `reduce ${dtype} ${shards}`;
}

/** Positions in a step's float64 results; the slot's sums, added over the shards, come last. */
export const result = { time: 0, penalty: 1, gradientNorm: 2, sums: 3 } as const;
/** Positions among the sums. */
export const sumAt = { weight: 0, loss: 1 } as const;
