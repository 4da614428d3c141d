/**
 * Everything that crosses a thread border, in one place: the control words in shared memory and the messages.
 *
 * The main thread publishes steps; workers claim their tasks by compare-and-swap and publish results the same way. A step goes
 * through three phases: `shards` (gradients or sums of micro-shards), `reduce` (stripes of the gradient are added over the shards in
 * a fixed tree), `finish` (update and result). `tick = 3 * step + phase` says where the run stands; whoever finds all tasks of a
 * phase done moves it on. Nobody holds a lock, so nobody can die with one.
 */
import type { Work } from "../compute/work.ts";
import type { Fault } from "./fault.ts";

/** Raised by hand when the meaning of anything here changes. */
export const protocolVersion = 2;

/** Indices of single control words. */
export const word = {
  /** Workers wait for a change of it: something may have become possible. */
  signal: 0,
  /** The main thread waits for a change of it: steps have finished, or the run halted. */
  news: 1,
  /** 3 * step + phase. */
  tick: 2,
  /** Steps that workers may begin: those below. */
  published: 3,
  /** 0 while the run goes on, else a `halt` code. */
  halt: 4,
  /** What halted it: the step, the task, and a detail (a status of the program). */
  failedStep: 5,
  failedTask: 6,
  failedDetail: 7,
  /** When `news` last told of finished steps, by `sharedClock`, and how many had finished. */
  toldAt: 8,
  told: 9,
  /** Where the tables begin. */
  tables: 16,
} as const;

/** Why a run halted. */
export const halt = {
  running: 0,
  /** The main thread has what it wants. */
  stopped: 1,
  /** A program refused its data (detail: its status). */
  shardFailed: 2,
  nonFiniteLoss: 3,
  nonFiniteGradient: 4,
  updateFailed: 5,
} as const;

export const phases = 3;
export const phase = { shards: 0, reduce: 1, finish: 2 } as const;

/** What a step does. */
export type StepKind = "train" | "evaluate" | "predict";
export const stepKinds: readonly StepKind[] = ["train", "evaluate", "predict"];

/** Words of a step's descriptor in the ring. */
export const stepWord = {
  kind: 0,
  dataset: 1,
  epoch: 2,
  /** Which of the two copies of the state it reads; a training step writes the other. */
  source: 3,
  rows: 4,
  shards: 5,
  size: 8,
} as const;

/** How large the tables are; with it every thread finds the same words. */
export interface ControlShape {
  /** Steps that may be published and unread at once. */
  readonly ring: number;
  /** Most rows of a step. */
  readonly rows: number;
  /** Most shards of a step. */
  readonly shards: number;
  /** Tasks of the reduce phase. */
  readonly stripes: number;
  /** Float64 results per step. */
  readonly results: number;
  readonly workers: number;
}

export interface ControlParts {
  readonly buffer: SharedArrayBuffer;
  readonly shape: ControlShape;
}

/** To a worker: work until the run halts. */
export interface RunTask {
  readonly kind: "run";
  readonly fingerprint: string;
  readonly rank: number;
  /** The how-manieth worker of this rank it is. */
  readonly incarnation: number;
  readonly control: ControlParts;
  /** Whether who waits would be in the way: there are more workers than processors, or than shards. */
  readonly isCrowded: boolean;
  readonly work: Work;
  readonly faults: readonly Fault[];
}

/** To every worker at once: show that you are there, and wait until all have. */
export interface RollCall {
  readonly arrived: Int32Array<SharedArrayBuffer>;
  readonly expected: number;
}

/** From a worker: the run has halted, or it was built from other sources and did nothing. */
export type RunOutcome =
  | { readonly kind: "ended"; readonly rank: number; readonly tasks: number }
  | { readonly kind: "refused"; readonly rank: number; readonly fingerprint: string };

export type Message = RunTask | RollCall | RunOutcome;

/** Names this build of the protocol: both sides must have the same. */
export function fingerprint(): string {
  const text = JSON.stringify([word, halt, phases, phase, stepKinds, stepWord]);
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${protocolVersion}-${(hash >>> 0).toString(16).padStart(8, "0")}`;
}
