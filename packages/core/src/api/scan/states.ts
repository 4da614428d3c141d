/** States: each is a carry, or with taps a shift register of carries. */
import { ArgumentError, DTypeError, ShapeError, type ErrorDetails } from "../../errors/errors.ts";
import { ownerOf, type SizeCheck } from "../../graph/op.ts";
import { describe, printType, type Tensor, type TensorType } from "../../graph/tensor.ts";
import { full } from "../../ops/constant.ts";
import { squeeze } from "../../ops/dimshuffle.ts";
import { assertSizes } from "../../ops/scan/assert-sizes.ts";
import { isOne } from "../../ops/shape.ts";
import { sliceAxis } from "../../ops/slice.ts";
import { constantSize, subSizes } from "../../size/size.ts";
import { checkTaps } from "./sequences.ts";

/** One state as the user gave it. */
export interface StateEntry {
  /** How messages call it: `state 1 ("cell")`. */
  readonly label: string;
  /** Where it was given: `outputsInfo[1]`, `init.cell`. */
  readonly place: string;
  readonly name: string | undefined;
  /** A number takes the type of the result. */
  readonly initial: Tensor | number;
  readonly taps: readonly number[];
}

/** @throws ArgumentError SCAN_TAPS */
export function checkState(label: string, { place, taps }: StateEntry): void {
  checkTaps(`${label}: ${place}`, taps);
  const bad = taps.find((tap) => tap >= 0);
  if (bad !== undefined)
    throw new ArgumentError(
      "SCAN_TAPS",
      `${label}: ${place} has tap ${bad}; taps of a state are negative`,
      {
        hint: "-1 is the value that the step before gave",
      },
    );
}

/** How many past values a state keeps. */
export function depthOf({ taps }: StateEntry): number {
  return Math.max(...taps.map((tap) => -tap));
}

/** True when the initial value has past values along axis 0: for all taps but [-1] alone. */
function hasHistory({ taps }: StateEntry): boolean {
  return taps.length !== 1 || taps[0] !== -1;
}

/**
 * The initial values of a state's registers, the newest first.
 * `initial` has the oldest value in row 0; rows beyond those needed are not read.
 * @throws ShapeError SCAN_INITIAL
 */
export function initialRegisters(label: string, entry: StateEntry, initial: Tensor): Tensor[] {
  if (!hasHistory(entry)) return [initial];
  const depth = depthOf(entry);
  const rows = initial.shape[0];
  const message = `${label}: ${entry.place} ${describe(initial)} needs at least ${depth} rows for taps ${entry.taps.join(", ")}`;
  const hint = "axis 0 of such an initial state holds its past values, the oldest first";
  const spare = rows === undefined ? -1 : subSizes(rows, depth).constant;
  if (rows === undefined || (spare !== undefined && spare < 0))
    throw new ShapeError("SCAN_INITIAL", message, {
      notes: [`it is ${printType(initial.type)}`],
      hint,
    });
  const checks: SizeCheck[] =
    spare === undefined
      ? [{ x: rows, relation: "atLeast", y: constantSize(depth), message, hint }]
      : [];
  const history = assertSizes(initial, initial.shape, checks);
  return Array.from({ length: depth }, (_, k) =>
    squeeze(sliceAxis(history, 0, depth - 1 - k, 1), 0),
  );
}

/** The registers of a state that began as a number. */
export function registersOfNumber(entry: StateEntry, value: number, type: TensorType): Tensor[] {
  return Array.from({ length: depthOf(entry) }, () => full(type.shape, value, type.dtype));
}

/**
 * The new value of a state in the type that it entered with; sizes that cannot be proved equal are checked at the call.
 * @throws ShapeError SCAN_CARRY; DTypeError SCAN_CARRY
 */
export function fitState(
  label: string,
  entry: StateEntry,
  entered: Tensor,
  given: Tensor,
  leaves: Tensor,
): Tensor {
  const message = `${label}: ${entry.label} enters a step as ${printType(entered.type)} and leaves it as ${printType(leaves.type)}`;
  const owner = ownerOf(leaves);
  const details = (hint: string): ErrorDetails => ({
    notes: [
      `entered at ${given.site.toString()} (${entry.place})   left at ${leaves.site.toString()}${owner === undefined ? "" : ` (${owner.op.name})`}`,
    ],
    hint,
  });
  if (leaves.dtype !== entered.dtype)
    throw new DTypeError(
      "SCAN_CARRY",
      message,
      details(
        `a state keeps its dtype from step to step; cast the result to ${entered.dtype} or the initial state to ${leaves.dtype}`,
      ),
    );
  const shapeHint =
    "a state keeps its shape from step to step; transpose or reshape the result, or change the initial state";
  if (leaves.rank !== entered.rank) throw new ShapeError("SCAN_CARRY", message, details(shapeHint));
  const checks: SizeCheck[] = [];
  for (const [axis, size] of entered.shape.entries()) {
    const other = leaves.shape[axis] ?? size;
    if (size.equals(other)) continue;
    if (
      (size.constant !== undefined && other.constant !== undefined) ||
      isOne(size) !== isOne(other)
    )
      throw new ShapeError("SCAN_CARRY", message, details(shapeHint));
    checks.push({
      x: size,
      relation: "equal",
      y: other,
      message: `${message}: axis ${axis} must not change`,
      hint: shapeHint,
    });
  }
  return assertSizes(leaves, entered.shape, checks);
}
