/** Resets: steps at which the states of a sequence begin anew, so that several sequences may share a row of the batch. */
import { ArgumentError, DTypeError, ShapeError, UnsupportedError } from "../../errors/errors.ts";
import { describe, printType, Tensor } from "../../graph/tensor.ts";
import { where } from "../../ops/logic.ts";
import { assertSizes } from "../../ops/scan/assert-sizes.ts";
import type { Size } from "../../size/size.ts";
import type { LoopOptions } from "./options.ts";
import { beside } from "./padding.ts";
import { longEnough, type SequenceEntry } from "./sequences.ts";
import type { StateEntry } from "./states.ts";

/**
 * The option as a sequence that is read beside the others; undefined where it is not given.
 * @throws ArgumentError SCAN_OPTION_VALUE; DTypeError SCAN_RESETS; ShapeError SCAN_RESETS; UnsupportedError SCAN_RESETS
 */
export function resetEntry(
  label: string,
  { resets }: LoopOptions,
  sequences: readonly SequenceEntry[],
  nSteps: Size | undefined,
): SequenceEntry | undefined {
  if (resets === undefined) return undefined;
  if (!(resets instanceof Tensor))
    throw new ArgumentError(
      "SCAN_OPTION_VALUE",
      `${label}: resets must be a tensor bool[T, B], got ${typeof resets}`,
    );
  const what = `${label}: resets ${describe(resets)} must be bool[T, B], or bool[T] without a batch`;
  const notes = [`it is ${printType(resets.type)}`];
  if (resets.dtype !== "bool")
    throw new DTypeError("SCAN_RESETS", what, { notes, hint: "compare it: gt(resets, 0)" });
  if (resets.rank !== 1 && resets.rank !== 2) throw new ShapeError("SCAN_RESETS", what, { notes });
  const tapped = sequences.find(({ taps }) => taps.length !== 1 || taps[0] !== 0);
  if (tapped !== undefined)
    throw new UnsupportedError(
      "SCAN_RESETS",
      `${label}: with resets, ${tapped.label} ${describe(tapped.input)} cannot have taps ${tapped.taps.join(", ")}: they would read rows of the sequence before`,
      { hint: "carry past values as a state, which resets restart" },
    );
  const [first] = sequences;
  const entry = { label: "resets", name: "resets", input: resets, taps: [0] };
  return first === undefined
    ? longEnough(label, entry, nSteps)
    : { ...entry, input: withRowsOf(label, resets, first) };
}

function withRowsOf(label: string, resets: Tensor, { label: name, input }: SequenceEntry): Tensor {
  const [own, rows] = [resets.shape[0], input.shape[0]];
  if (own === undefined || rows === undefined || own.equals(rows)) return resets;
  const message = `${label}: resets ${describe(resets)} has ${own.toString()} rows, ${name} ${describe(input)} has ${rows.toString()}`;
  if (own.constant !== undefined && rows.constant !== undefined)
    throw new ShapeError("SCAN_RESETS", message, { hint: "give one row for each step" });
  return assertSizes(
    resets,
    [rows, ...resets.shape.slice(1)],
    [{ x: own, relation: "equal", y: rows, message }],
  );
}

/** What a step sees of a register: its initial value where `reset` is true. @throws ShapeError SCAN_RESETS */
export function restarted(
  label: string,
  { label: state }: StateEntry,
  reset: Tensor,
  initial: Tensor,
  value: Tensor,
): Tensor {
  if (reset.rank > value.rank)
    throw new ShapeError(
      "SCAN_RESETS",
      `${label}: resets are bool[T, B], and ${state} ${printType(value.type)} has no batch`,
      { hint: "states are [B, ...]; without a batch give resets of shape [T]" },
    );
  return assertSizes(where(beside(reset, value), initial, value), value.shape, []);
}
