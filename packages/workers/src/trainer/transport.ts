/** What a platform gives: threads that run tasks, and folders. */
import type { RunOutcome, RunTask } from "../protocol/messages.ts";
import type { EngineSource } from "./step-engine.ts";

/** A pool of threads that share memory with this one. */
export interface Transport {
  readonly workers: number;
  /** Whether there are more workers than processors. */
  readonly isCrowded: boolean;
  /** Runs a task in a thread of its own. Rejects when the task throws or the thread ends; then nothing of it writes any more. */
  start(task: RunTask): Promise<RunOutcome>;
  close(): Promise<void>;
}

/** Files, where there are any. */
export interface Storage {
  /** Replaces a file as a whole. */
  write(folder: string, file: string, bytes: Uint8Array): Promise<void>;
  read(folder: string, file: string): Promise<Uint8Array>;
}

export interface Platform {
  readonly defaultWorkers: number;
  readonly storage: Storage;
  open(workers: number): EngineSource;
}
