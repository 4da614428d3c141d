/** States from step to step: shift registers of carries, held where a step is not valid for a sequence; updated variables beside them. */
import { ShapeError } from "../../errors/errors.ts";
import { printType, type Tensor } from "../../graph/tensor.ts";
import { any } from "../../ops/axes.ts";
import { where } from "../../ops/logic.ts";
import { assertSizes } from "../../ops/scan/assert-sizes.ts";
import type { Shared } from "../shared.ts";
import { stepInput, type OpenState } from "./open-step.ts";
import { beside, cutGradient, isWithinLast, type Padding } from "./padding.ts";
import { fitState } from "./states.ts";

/** Padding as one step sees it. */
export interface PaddedStep {
  readonly padding: Padding;
  /** `[B]`: this step is valid. */
  readonly valid: Tensor;
  /** `[B]`: gradients pass through this step; undefined: through all. */
  readonly live: { readonly row: Tensor; readonly rows: Tensor } | undefined;
}

export function padStep(label: string, padding: Padding, truncate: number | undefined): PaddedStep {
  const row = (name: string): Tensor =>
    stepInput(label, { dtype: "bool", shape: padding.mask.shape.slice(1) }, name);
  const live =
    truncate === undefined
      ? undefined
      : { row: row("within truncation"), rows: isWithinLast(padding, truncate) };
  return { padding, valid: row("valid"), live };
}

/**
 * The registers of a state after a step, the newest first; where the step is not valid they keep their values.
 * @throws ShapeError SCAN_CARRY, SCAN_BATCH; DTypeError SCAN_CARRY
 */
export function advance(
  label: string,
  { entry, initials, inputs, entered }: OpenState,
  leaves: Tensor | undefined,
  { valid, live }: { readonly valid?: Tensor | undefined; readonly live?: Tensor | undefined },
): Tensor[] {
  const [input] = inputs;
  const [initial] = initials;
  if (input === undefined || initial === undefined || leaves === undefined) return [];
  const given = typeof entry.initial === "number" ? initial : entry.initial;
  const newest = cutGradient(fitState(label, entry, input, given, leaves), live);
  const after = [newest, ...entered.slice(0, -1)];
  if (valid === undefined) return after;
  if (valid.rank > input.rank)
    throw new ShapeError(
      "SCAN_BATCH",
      `${label}: ${entry.label} is ${printType(input.type)} and has no batch, of which until ends each sequence by itself`,
      { hint: "states are [B, ...] then; end the whole loop with one condition: all(until)" },
    );
  return after.map((x, k) => {
    const held = inputs[k] ?? x;
    // A condition of as many entries as the batch has under another name.
    return assertSizes(where(beside(valid, x), x, held), held.shape, []);
  });
}

/** A shared variable that the step updates, as a carry. Steps that no sequence of a padded batch has leave it as it is. */
export function updateCarry(
  label: string,
  target: Shared,
  value: Tensor,
  valid: Tensor | undefined,
): { readonly input: Tensor; readonly leaves: Tensor } {
  const name = target.name === undefined ? "a shared variable" : `shared variable "${target.name}"`;
  const input = stepInput(label, target.type, target.name);
  const entry = { label: name, place: "updates", name: target.name, initial: target, taps: [-1] };
  const leaves = fitState(label, entry, input, target, value);
  return { input, leaves: valid === undefined ? leaves : where(any(valid), leaves, input) };
}

/** Which carries hand their value on to which register. */
export function shiftsOf(states: readonly OpenState[]): [from: number, to: number][] {
  return states.flatMap(({ inputs }, i) => {
    const first = firstRegisters(states)[i] ?? 0;
    return inputs.slice(1).map((_, k): [number, number] => [first + k, first + k + 1]);
  });
}

/** The place of each state's newest register among the carries. */
export function firstRegisters(states: readonly OpenState[]): number[] {
  let next = 0;
  return states.map(({ inputs }) => (next += inputs.length) - inputs.length);
}
