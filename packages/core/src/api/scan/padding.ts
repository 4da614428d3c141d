/**
 * Padded batches: which steps of which sequences are valid. Axis 1 of sequences is the batch.
 *
 * A step is valid for a sequence when every row that it reads is. Running a padded row gives what running it alone gives.
 */
import { ArgumentError, DTypeError, ShapeError } from "../../errors/errors.ts";
import { isFloating } from "../../graph/dtype.ts";
import { describe, printType, Tensor } from "../../graph/tensor.ts";
import { sizeValue } from "../../ops/arange.ts";
import { add, maximum, minimum, sub } from "../../ops/arithmetic.ts";
import { max } from "../../ops/axes.ts";
import { cast } from "../../ops/cast.ts";
import { eq, ge } from "../../ops/compare.ts";
import { concatenate } from "../../ops/concatenate.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { ones, zeros, zerosLike } from "../../ops/constant.ts";
import { expandDims, padRank } from "../../ops/dimshuffle.ts";
import { and, where } from "../../ops/logic.ts";
import { assertSizes } from "../../ops/scan/assert-sizes.ts";
import { lengthMask } from "../../ops/scan/length-mask.ts";
import { makeScan } from "../../ops/scan/scan.ts";
import { isOne } from "../../ops/shape.ts";
import { sliceAxis } from "../../ops/slice.ts";
import { stopGradient } from "../../ops/gradient-walls.ts";
import { constantSize, subSizes, type Size } from "../../size/size.ts";
import { positions, rowNumbers } from "./positions.ts";
import { reverseSequence } from "./reverse-sequence.ts";
import { reachOf, tapRows, type SequenceEntry } from "./sequences.ts";

/** What `mask` or `lengths` mean for the steps of one scan. */
export interface Padding {
  /** `[steps, B]` in the order of the steps; `[steps]` where all rows end together. */
  readonly mask: Tensor;
  /** Undefined where all rows end together. */
  readonly batch: Size | undefined;
  /** `[B]` or `[]`, int32: steps up to and with the last valid one. */
  readonly validSteps: Tensor;
  /** True where the valid steps of a sequence are its first ones. */
  readonly isPrefix: boolean;
  /** For each tap of a sequence its rows in the order of the steps, zero where invalid. */
  readonly rows: (entry: SequenceEntry) => Tensor[];
}

/** A mask `[steps, B]` or `[B]` beside a tensor of more axes. */
export function beside(mask: Tensor, x: Tensor): Tensor {
  return padRank(mask, x.rank, mask.rank);
}

/** `x` where the mask is true, else zeros: by selection, so that what is not chosen may be NaN. */
export function zeroPadded(mask: Tensor, x: Tensor): Tensor {
  return where(beside(mask, x), x, zerosLike(x));
}

/** `x`, whose gradient passes in the rows of `live` only (`[B]`; undefined: in all). */
export function cutGradient(x: Tensor, live: Tensor | undefined): Tensor {
  if (live === undefined || !isFloating(x.dtype)) return x;
  return where(beside(live, x), x, stopGradient(x));
}

/**
 * The value of an option as a tensor of this dtype and rank.
 * @throws ArgumentError SCAN_OPTION_VALUE; DTypeError SCAN_MASK; ShapeError SCAN_MASK
 */
function requireOption(
  label: string,
  name: string,
  value: unknown,
  dtype: "int32" | "bool",
  shape: string,
  rank: number,
): Tensor {
  if (!(value instanceof Tensor))
    throw new ArgumentError(
      "SCAN_OPTION_VALUE",
      `${label}: ${name} must be a tensor ${dtype}${shape}, got ${typeof value}`,
    );
  const what = `${label}: ${name} ${describe(value)} must be ${dtype}${shape}`;
  const details = { notes: [`it is ${printType(value.type)}`] };
  if (value.dtype !== dtype)
    throw new DTypeError("SCAN_MASK", what, {
      ...details,
      hint: dtype === "bool" ? "compare it: gt(mask, 0)" : 'convert it: cast(lengths, "int32")',
    });
  if (value.rank !== rank) throw new ShapeError("SCAN_MASK", what, details);
  return value;
}

/** `x` whose axis `axis` is the batch. @throws ShapeError SCAN_BATCH */
export function withBatch(
  label: string,
  what: string,
  x: Tensor,
  axis: number,
  batch: Size,
): Tensor {
  const size = x.shape[axis];
  const message = `${label}: axis ${axis} of ${what} ${describe(x)} must be the batch, of size ${batch.toString()}`;
  const wrong =
    size === undefined ||
    (!size.equals(batch) &&
      ((size.constant !== undefined && batch.constant !== undefined) || isOne(size)));
  if (wrong)
    throw new ShapeError("SCAN_BATCH", message, {
      notes: [`it is ${printType(x.type)}`],
      hint: "with mask or lengths, sequences are [T, B, ...], states and outputs of a step [B, ...]",
    });
  if (size.equals(batch)) return x;
  return assertSizes(
    x,
    x.shape.map((d, k) => (k === axis ? batch : d)),
    [{ x: size, relation: "equal", y: batch, message }],
  );
}

/** Padding of nothing: every step of every sequence is valid. `like` has the shape of the mask. */
export function allValid(like: Tensor): Padding {
  const [steps = constantSize(0), batch] = like.shape;
  return {
    mask: ones(like.shape, "bool"),
    batch,
    validSteps: broadcastTo(sizeValue(steps), batch === undefined ? [] : [batch]),
    isPrefix: true,
    rows: () => [],
  };
}

interface PaddingSource {
  readonly mask?: unknown;
  readonly lengths?: unknown;
}

/** The padding that `mask` or `lengths` describe; undefined where neither is given. */
export function makePadding(
  label: string,
  source: PaddingSource,
  entries: readonly SequenceEntry[],
  steps: Size,
  backwards: boolean,
): Padding | undefined {
  if (source.mask === undefined && source.lengths === undefined) return undefined;
  if (source.mask !== undefined && source.lengths !== undefined)
    throw new ArgumentError("SCAN_MASK", `${label}: give mask or lengths, not both`, {
      hint: "lengths is short for a mask without holes",
    });
  const [first] = entries;
  const rows = first?.input.shape[0] ?? steps;
  const span = Math.max(0, ...entries.map(({ taps }) => reachOf(taps).span));
  const all = subSizes(rows, span);
  // Sequences whose taps reach less far begin together; backwards they end together.
  const skipped = ({ taps }: SequenceEntry): number => (backwards ? span - reachOf(taps).span : 0);
  const { valid, validSteps, batch } =
    source.lengths === undefined
      ? fromMask(label, source.mask, entries, rows, all, skipped)
      : fromLengths(label, source.lengths, rows, span, all);
  const inOrder = (x: Tensor): Tensor =>
    sliceAxis(backwards ? reverseSequence(x, validSteps) : x, 0, 0, steps);
  const mask = inOrder(valid);
  const isPrefix = source.lengths !== undefined;
  return {
    mask,
    batch,
    validSteps: isPrefix ? atMost(validSteps, steps, all) : lastValid(mask),
    isPrefix,
    rows(entry) {
      const { input, ...rest } = aligned(label, entry, rows, batch);
      const first = skipped(entry);
      const read = sliceAxis(input, 0, first, subSizes(rows, first));
      return tapRows({ ...rest, input: read }, all, false).map((x) => zeroPadded(mask, inOrder(x)));
    },
  };
}

/** Steps of each sequence when only `steps` of `all` steps run. */
const atMost = (validSteps: Tensor, steps: Size, all: Size): Tensor =>
  steps.equals(all) ? validSteps : minimum(validSteps, sizeValue(steps));

interface Validity {
  /** `[all steps, B]` in the order of the rows. */
  readonly valid: Tensor;
  readonly validSteps: Tensor;
  readonly batch: Size;
}

function fromLengths(
  label: string,
  option: unknown,
  rows: Size,
  span: number,
  steps: Size,
): Validity {
  const lengths = requireOption(label, "lengths", option, "int32", "[B]", 1);
  const valid = sliceAxis(
    lengthMask(lengths, rows, `${label}: lengths ${describe(lengths)}`),
    0,
    span,
    steps,
  );
  return {
    valid,
    validSteps: span === 0 ? lengths : maximum(sub(lengths, span), 0),
    batch: lengths.shape[0] ?? constantSize(0),
  };
}

function fromMask(
  label: string,
  option: unknown,
  entries: readonly SequenceEntry[],
  rows: Size,
  steps: Size,
  skipped: (entry: SequenceEntry) => number,
): Validity {
  const given = requireOption(label, "mask", option, "bool", "[T, B]", 2);
  const [length = rows, batch = constantSize(0)] = given.shape;
  const message = `${label}: axis 0 of mask ${describe(given)} must have a row for each of the ${rows.toString()} rows of the sequences`;
  if (length.constant !== undefined && rows.constant !== undefined && !length.equals(rows))
    throw new ShapeError("SCAN_MASK", message, { notes: [`it is ${printType(given.type)}`] });
  const mask = length.equals(rows)
    ? given
    : assertSizes(given, [rows, batch], [{ x: length, relation: "equal", y: rows, message }]);
  const offsets = new Set(
    entries.flatMap((entry) => {
      const first = skipped(entry) + reachOf(entry.taps).back;
      return [0, ...entry.taps].map((tap) => tap + first);
    }),
  );
  const read = [...(offsets.size === 0 ? [0] : offsets)].map((offset): Tensor =>
    sliceAxis(mask, 0, offset, steps),
  );
  const valid = read.reduce((x, y) => and(x, y));
  return { valid, validSteps: lastValid(valid), batch };
}

/** A sequence with the rows and the batch that all of them share. @throws ShapeError SCAN_BATCH, SCAN_LENGTH */
function aligned(label: string, entry: SequenceEntry, rows: Size, batch: Size): SequenceEntry {
  const input = withBatch(label, entry.label, entry.input, 1, batch);
  const [own = rows, ...rest] = input.shape;
  if (own.equals(rows)) return { ...entry, input };
  const message = `${label}: with mask or lengths all sequences have equally many rows; ${entry.label} ${describe(entry.input)} has ${own.toString()}, the first one ${rows.toString()}`;
  if (own.constant !== undefined && rows.constant !== undefined)
    throw new ShapeError("SCAN_LENGTH", message);
  return {
    ...entry,
    input: assertSizes(input, [rows, ...rest], [{ x: own, relation: "equal", y: rows, message }]),
  };
}

/** For each column of `valid` [n, B] the number of rows up to and with the last true one. */
export function lastValid(valid: Tensor): Tensor {
  const [steps = constantSize(0), batch = constantSize(0)] = valid.shape;
  const ends = where(valid, add(rowNumbers(steps), 1), zeros([steps, batch], "int32"));
  return max(concatenate([zeros([1, batch], "int32"), ends], 0), 0);
}

/** Numbers of the steps, and a value for each sequence, in shapes that meet in that of the mask. */
export function stepNumbers(
  steps: Size,
  perSequence: Tensor,
): { readonly numbers: Tensor; readonly value: Tensor } {
  return perSequence.rank === 0
    ? { numbers: positions(steps), value: perSequence }
    : { numbers: rowNumbers(steps), value: expandDims(perSequence, 0) };
}

/** As the mask: true at each sequence's last valid step. */
export function isLastStep({ mask, validSteps }: Padding): Tensor {
  const { numbers, value } = stepNumbers(mask.shape[0] ?? constantSize(0), validSteps);
  return eq(add(numbers, 1), value);
}

/** As the mask: true at the last `count` valid steps of each sequence. */
export function isWithinLast({ mask, validSteps, isPrefix }: Padding, count: number): Tensor {
  const steps = mask.shape[0] ?? constantSize(0);
  if (isPrefix) {
    const { numbers, value } = stepNumbers(steps, sub(validSteps, count));
    return ge(numbers, value);
  }
  const shape = mask.shape.slice(1);
  const left = new Tensor({ dtype: "int32", shape }, { kind: "input" }, "steps left");
  const row = new Tensor({ dtype: "bool", shape }, { kind: "input" }, "valid");
  const counted = add(left, cast(row, "int32"));
  const [remaining = validSteps] = makeScan(
    { name: "valid steps to come", length: steps, reverse: true, truncate: undefined, shifts: [] },
    { consts: [], carries: [zeros(shape, "int32")], xs: [mask] },
    { inputs: [left, row], outputs: [counted, counted] },
  ).ys;
  return ge(count, remaining);
}
