/** What a halted run means in the user's words. */
import { ArgumentError, ScanTrainError } from "@scan-train/core";
import type { Programs } from "../compute/work.ts";
import { shardRange } from "../data/batches.ts";
import type { RunFailure } from "../protocol/coordinator.ts";
import { halt } from "../protocol/messages.ts";

/** Training cannot go on; the parameters are those before the step. */
export class TrainingError extends ScanTrainError {}

/** Where a step stands, for messages: "epoch 2, step 17". */
export type Place = (stepIndex: number) => string;

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
      const message = programs[key]?.plan.failures[detail - 1] ?? `failure ${detail}`;
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
        hint: lowerRate,
      });
    default:
      return new TrainingError(
        "UPDATE_FAILED",
        `${where}: ${programs["update"]?.plan.failures[detail - 1] ?? "the update failed"}`,
        {
          notes: [kept],
        },
      );
  }
}

const mostRows = 16;

function rowsOf({ step }: RunFailure, shard?: number): string {
  const [first, end] =
    shard === undefined ? [0, step.rows.length] : shardRange(step.rows.length, step.shards, shard);
  const rows = [...step.rows.subarray(first, end)];
  const shown = rows.slice(0, mostRows).join(", ");
  return `rows of ${shard === undefined ? "the batch" : `shard ${shard}`}: ${shown}${rows.length > mostRows ? ", ..." : ""}`;
}
