/** What a step returns when it has more to say than its outputs. */
import { ArgumentError, UnsupportedError } from "../../errors/errors.ts";
import { unknownOption } from "../../errors/known-options.ts";
import { Tensor } from "../../graph/tensor.ts";
import { Shared } from "../shared.ts";
import type { Outputs, StepResult, Update } from "./types.ts";

/** What `stepResult` adds to the outputs. */
export interface StepExtras {
  /** New values of shared variables; every step sees the value that the step before left. */
  readonly updates?: Iterable<Update>;
  /** The loop ends after the step that makes it true. */
  readonly until?: Tensor<"bool">;
}

/** What a step returned, taken apart. */
export class StepReturn {
  readonly outputs: unknown;
  readonly updates: readonly Update[];
  constructor(outputs: unknown, updates: readonly Update[]) {
    this.outputs = outputs;
    this.updates = updates;
  }
}

/**
 * Outputs of a step together with updates of shared variables.
 * @example scan((x) => stepResult(x.mul(count), { updates: [[count, count.add(1)]] }), { sequences: xs });
 * @throws ArgumentError SCAN_UPDATES, SCAN_OPTION; UnsupportedError SCAN_UNTIL
 */
export function stepResult<const R extends Outputs | undefined>(
  outputs: R,
  more: StepExtras,
): StepResult<R> {
  const unknown = unknownOption(more, ["updates", "until"]);
  if (unknown !== undefined)
    throw new ArgumentError("SCAN_OPTION", `stepResult ${unknown.problem}`, unknown);
  if (more.until !== undefined)
    throw new UnsupportedError("SCAN_UNTIL", "stepResult: until is not supported by this version", {
      hint: "run nSteps steps and keep finished states with where(done, old, new), or pass lengths",
    });
  const updates = [...(more.updates ?? [])].map(checkUpdate);
  const targets = new Set(updates.map(([target]) => target));
  if (targets.size < updates.length) {
    const twice = updates.find(
      ([target], i) => updates.findIndex(([other]) => other === target) < i,
    )?.[0];
    throw new ArgumentError(
      "SCAN_UPDATES",
      `stepResult: two updates for shared variable "${twice?.name ?? "?"}"`,
      { hint: "give one new value" },
    );
  }
  const result: unknown = new StepReturn(outputs, updates);
  return result as StepResult<R>;
}

function checkUpdate(update: unknown, i: number): Update {
  const [target, value]: readonly unknown[] = Array.isArray(update) ? update : [];
  if (target instanceof Shared && value instanceof Tensor) return [target, value];
  throw new ArgumentError(
    "SCAN_UPDATES",
    `stepResult: update ${i} must be a pair [shared variable, new value]`,
    {
      hint: "updates: [[count, count.add(1)]]",
    },
  );
}
