/** What a step returns when it has more to say than its outputs. */
import { ArgumentError, DTypeError, ShapeError } from "../../errors/errors.ts";
import { unknownOption } from "../../errors/known-options.ts";
import { describe, printType, Tensor } from "../../graph/tensor.ts";
import { Shared } from "../shared.ts";
import { mergeStreams } from "../stream-states.ts";
import type { Outputs, StepResult, Update } from "./types.ts";

/** What `stepResult` adds to the outputs. */
export interface StepExtras {
  /** New values of shared variables; every step sees the value that the step before left. */
  readonly updates?: Iterable<Update>;
  /** The loop ends after the step that makes it true; `[B]`: each sequence by itself. */
  readonly until?: Tensor<"bool">;
}

/** What a step returned, taken apart. */
export class StepReturn {
  readonly outputs: unknown;
  readonly updates: readonly Update[];
  readonly until: Tensor | undefined;
  constructor(outputs: unknown, updates: readonly Update[], until?: Tensor) {
    this.outputs = outputs;
    this.updates = updates;
    this.until = until;
  }
}

/**
 * Outputs of a step together with updates of shared variables and a condition that ends the loop.
 *
 * `until` is tested after the step, whose results are kept. A bool scalar ends the whole loop: outputs have as many rows as steps
 * ran. One condition for each sequence, bool `[B]`, ends each sequence by itself, as `lengths` would.
 *
 * @example scan((x) => stepResult(x.mul(count), { updates: [[count, count.add(1)]] }), { sequences: xs });
 * @example scan((h) => stepResult(h.mul(2), { until: gt(h, 100) }), { outputsInfo: constant(1), nSteps: 50 });
 * @throws ArgumentError SCAN_UPDATES, SCAN_UNTIL, SCAN_OPTION; DTypeError SCAN_UNTIL; ShapeError SCAN_UNTIL
 */
export function stepResult<const R extends Outputs | undefined>(
  outputs: R,
  more: StepExtras,
): StepResult<R> {
  const unknown = unknownOption(more, ["updates", "until"]);
  if (unknown !== undefined)
    throw new ArgumentError("SCAN_OPTION", `stepResult ${unknown.problem}`, unknown);
  checkUntil(more.until);
  const updates = mergeStreams([...(more.updates ?? [])].map(checkUpdate));
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
  const result: unknown = new StepReturn(outputs, updates, more.until);
  return result as StepResult<R>;
}

function checkUntil(until: unknown): void {
  if (until === undefined) return;
  if (!(until instanceof Tensor))
    throw new ArgumentError(
      "SCAN_UNTIL",
      `stepResult: until must be a bool tensor, got ${until === null ? "null" : typeof until}`,
      { hint: "compare tensors: until: gt(h, 100)" },
    );
  const what = `stepResult: until ${describe(until)} must be a bool scalar, or bool[B] with one condition for each sequence`;
  const notes = [`it is ${printType(until.type)}, made at ${until.site.toString()}`];
  if (until.dtype !== "bool")
    throw new DTypeError("SCAN_UNTIL", what, { notes, hint: "compare it: ne(until, 0)" });
  if (until.rank > 1)
    throw new ShapeError("SCAN_UNTIL", what, { notes, hint: "reduce it: all(until, 1)" });
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
