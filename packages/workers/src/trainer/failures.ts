/** What a halted run means in the user's words. */
import { ArgumentError, UnsupportedError, type ScanTrainError } from "@scan-train/core";
import type { Programs } from "../compute/work.ts";
import { shardRange } from "../data/batches.ts";
import type { Released, RunFailure } from "../protocol/coordinator.ts";
import { halt } from "../protocol/messages.ts";
import { TrainingError } from "./training-error.ts";

/** Where a step stands, for messages: "epoch 2, step 17". */
export type Place = (stepIndex: number) => string;

/** A shard that has ended this many workers is at fault itself. */
export const mostAttempts = 3;

const lowerRate = "lower the learning rate, or clip gradients: clipNorm";

/** The error of a halt. */
export function failureError(
  failure: RunFailure,
  place: Place,
  programs: Programs,
): ScanTrainError {
  const { step, task, detail, code } = failure;
  const where = place(step.index);
  const kept = "the parameters are those before this step";
  switch (code) {
    case halt.shardFailed: {
      const key = step.kind === "train" ? "gradient" : step.kind;
      const message = programs[key]?.plan.failures[detail - 1]?.message ?? `failure ${detail}`;
      return new ArgumentError("DATA_REFUSED", `${where}: ${message}`, {
        notes: [rowsOf(failure, task)],
        hint: "look at these rows: an index in them lies outside of what the model has",
      });
    }
    case halt.nonFiniteLoss:
      return task < 0
        ? new TrainingError("NON_FINITE_LOSS", `${where}: the penalty is not a finite number`, {
            notes: [kept],
            hint: lowerRate,
          })
        : new TrainingError("NON_FINITE_LOSS", `${where}: the loss is not a finite number`, {
            notes: [rowsOf(failure, task), kept],
            hint: `look at these rows for values that are not finite; ${lowerRate}`,
          });
    case halt.nonFiniteGradient:
      return new TrainingError("NON_FINITE_GRADIENT", `${where}: the gradient is not finite`, {
        notes: [rowsOf(failure), kept],
        hint: `${lowerRate}; outside of scan, padding is zeros: keep log, sqrt and division from it by where(mask, x, 1)`,
      });
    default:
      return new TrainingError(
        "UPDATE_FAILED",
        `${where}: ${programs["update"]?.plan.failures[detail - 1]?.message ?? "the update failed"}`,
        {
          notes: [kept],
        },
      );
  }
}

/** A program that refused rows, in the words of the other engines. */
export function dataRefused(where: string, cause: Error, rows: readonly number[]): ScanTrainError {
  const [first = ""] = cause.message.split("\n");
  return new ArgumentError("DATA_REFUSED", `${where}: ${first.replace(/^[A-Z_]+: /, "")}`, {
    notes: [`rows of the batch: ${listed(rows)}`],
    hint: "look at these rows: an index in them lies outside of what the model has",
    cause,
  });
}

/** The device went away in the midst of steps. */
export function deviceLost(where: string, cause: unknown): ScanTrainError {
  return new TrainingError("DEVICE_LOST", `${where}: the device is gone`, {
    notes: [
      messageOf(cause).split("\n")[0] ?? "",
      "the trainer is back where its variables were last read: at the beginning of this epoch, or of this call",
    ],
    hint: "await backend.reopen(), then fit again: training goes on from there",
    cause,
  });
}

const mostRows = 16;

function rowsOf({ step }: RunFailure, shard?: number): string {
  const [first, end] =
    shard === undefined ? [0, step.rows.length] : shardRange(step.rows.length, step.shards, shard);
  const rows = [...step.rows.subarray(first, end)];
  return `rows of ${shard === undefined ? "the batch" : `shard ${shard}`}: ${listed(rows)}`;
}

const listed = (rows: readonly number[]): string =>
  `${rows.slice(0, mostRows).join(", ")}${rows.length > mostRows ? ", ..." : ""}`;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** A task that ended one worker after the other. */
export function shardLostError(
  { step, task, phase: which, attempts }: Released,
  rows: readonly number[],
  place: Place,
  cause: unknown,
): ScanTrainError {
  const what = [`shard ${task}`, "the sum of gradients", "the update"][which] ?? "a task";
  return new UnsupportedError("SHARD_FAILED", `${place(step)}: ${what} ended ${attempts} workers`, {
    notes: [`rows of the batch: ${listed(rows)}`, `the last worker: ${messageOf(cause)}`],
    hint: "see what ends them; when memory is short, take smaller batches or more shards",
    cause,
  });
}

/** The trainer was closed while something was asked of it. */
export function closedError(): ScanTrainError {
  return new ArgumentError("TRAINER_CLOSED", "the trainer was closed before this was through", {
    hint: "to end a fit early, break out of its loop or give it a signal; close afterwards",
  });
}

/** The trainer does one thing at a time. */
export function busyError(what: string): ScanTrainError {
  return new ArgumentError("TRAINER_BUSY", `${what}: the trainer is in the middle of something`, {
    hint: "await what was asked of it before; during fit, wait for the event epoch-end",
  });
}

/** There are no workers any more. */
export function lostError(what: string, cause?: unknown): ScanTrainError {
  return new UnsupportedError("WORKERS_LOST", what, {
    ...(cause === undefined ? {} : { notes: [`the last one: ${messageOf(cause)}`], cause }),
    hint: "is the machine short of memory or overloaded? fewer workers need less",
  });
}

/** Worker threads run other code than this thread. */
export function staleError(own: string, theirs: string): ScanTrainError {
  return new UnsupportedError(
    "WORKER_STALE",
    "the workers were built from other sources than the trainer",
    { notes: [`trainer ${own}, worker ${theirs}`], hint: "build the package again: npm run build" },
  );
}
