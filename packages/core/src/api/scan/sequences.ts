/** Sequences: how many steps they give, and the rows that each tap reads. */
import { ArgumentError, ShapeError } from "../../errors/errors.ts";
import { describe, printType, type Tensor } from "../../graph/tensor.ts";
import { assertSizes } from "../../ops/scan/assert-sizes.ts";
import { sliceAxes, wholeAxis } from "../../ops/slice.ts";
import { addSizes, constantSize, minSizes, subSizes, type Size } from "../../size/size.ts";

/** One sequence as the user gave it. */
export interface SequenceEntry {
  /** How messages call it: `sequences[0]`, or its name. */
  readonly label: string;
  readonly name: string | undefined;
  readonly input: Tensor;
  readonly taps: readonly number[];
}

/** How far back and forward a sequence is read, the present included (Theano's rule). */
export interface Reach {
  /** The first row that step 0 can read lies this far before its present row. */
  readonly back: number;
  /** Rows that are lost to taps. */
  readonly span: number;
}

export function reachOf(taps: readonly number[]): Reach {
  const back = -Math.min(0, ...taps);
  return { back, span: Math.max(0, ...taps) + back };
}

/** @throws ArgumentError SCAN_TAPS; ShapeError SCAN_SEQUENCE_RANK */
export function checkSequence(label: string, { label: entry, input, taps }: SequenceEntry): void {
  if (input.rank === 0)
    throw new ShapeError(
      "SCAN_SEQUENCE_RANK",
      `${label}: ${entry} ${describe(input)} is a scalar and cannot be looped over`,
      {
        hint: "a sequence has its steps along axis 0; pass what every step shares as a non-sequence",
      },
    );
  checkTaps(`${label}: ${entry}`, taps);
}

/** Taps are distinct integers. @throws ArgumentError SCAN_TAPS */
export function checkTaps(what: string, taps: readonly number[]): void {
  for (const [i, tap] of taps.entries()) {
    if (!Number.isSafeInteger(tap))
      throw new ArgumentError("SCAN_TAPS", `${what}: tap ${String(tap)} is not an integer`);
    if (taps.indexOf(tap) < i)
      throw new ArgumentError("SCAN_TAPS", `${what}: tap ${tap} is given twice`, {
        hint: "taps are distinct",
      });
  }
  if (taps.length === 0)
    throw new ArgumentError("SCAN_TAPS", `${what} has no taps`, {
      hint: "leave taps out to read the present row",
    });
}

/** Rows of a sequence before any tap cut. */
const rowsOf = (x: Tensor): Size => x.shape[0] ?? constantSize(0);

/** Steps that the sequence allows: its rows without those lost to taps. */
export function stepsOf({ input, taps }: SequenceEntry): Size {
  return subSizes(rowsOf(input), reachOf(taps).span);
}

/** The length of the shortest sequence; undefined without sequences. */
export function commonSteps(entries: readonly SequenceEntry[]): Size | undefined {
  return entries
    .map(stepsOf)
    .reduce<Size | undefined>(
      (least, steps) => (least === undefined ? steps : minSizes(least, steps)),
      undefined,
    );
}

/**
 * The sequence with the condition that it is long enough: for `nSteps` steps where the user says how many, else for its taps.
 * @throws ShapeError SCAN_LENGTH when it provably is not
 */
export function longEnough(
  label: string,
  entry: SequenceEntry,
  nSteps: Size | undefined,
): SequenceEntry {
  const { span } = reachOf(entry.taps);
  if (nSteps === undefined && span === 0) return entry;
  const [available, needed] = [stepsOf(entry), nSteps ?? constantSize(0)];
  const what = `${label}: ${entry.label} ${describe(entry.input)} is too short`;
  const taps = `taps ${entry.taps.join(", ")} cost ${span} of its rows`;
  const forSteps = `${what} for ${needed.toString()} steps${span === 0 ? "" : ` (${taps})`}`;
  const message = nSteps === undefined ? `${what}: ${taps}` : forSteps;
  const hint =
    nSteps === undefined
      ? "give at least as many rows as its taps reach over"
      : "give fewer steps or a longer sequence";
  const spare = subSizes(available, needed).constant;
  if (spare !== undefined && spare >= 0) return entry;
  if (spare !== undefined)
    throw new ShapeError("SCAN_LENGTH", message, {
      notes: [`it is ${printType(entry.input.type)}`],
      hint,
    });
  return {
    ...entry,
    input: assertSizes(entry.input, entry.input.shape, [
      { x: available, relation: "atLeast", y: needed, message, hint },
    ]),
  };
}

/** For each tap the rows that steps 0, 1, ... read: `[steps, ...]`. Backwards: step 0 reads the end. */
export function tapRows(entry: SequenceEntry, steps: Size, backwards: boolean): Tensor[] {
  const { back } = reachOf(entry.taps);
  const last = subSizes(stepsOf(entry), 1);
  return entry.taps.map((tap) =>
    rowsFrom(entry.input, addSizes(backwards ? last : 0, tap + back), backwards ? -1 : 1, steps),
  );
}

/** Rows start, start + step, ... */
function rowsFrom(x: Tensor, start: Size, step: number, length: Size): Tensor {
  return sliceAxes(
    x,
    x.shape.map((size, axis) => (axis === 0 ? { start, step, length } : wholeAxis(size))),
  );
}
