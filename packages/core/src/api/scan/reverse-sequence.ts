/** Sequences of a padded batch from their own ends to their beginnings. */
import { DTypeError, ShapeError } from "../../errors/errors.ts";
import type { DType } from "../../graph/dtype.ts";
import { describe, printType, type Tensor } from "../../graph/tensor.ts";
import { sub } from "../../ops/arithmetic.ts";
import { broadcastTo } from "../../ops/broadcast.ts";
import { lt } from "../../ops/compare.ts";
import { expandDims } from "../../ops/dimshuffle.ts";
import { gather } from "../../ops/gather.ts";
import { where } from "../../ops/logic.ts";
import { columnNumbers, rowNumbers } from "./positions.ts";

/**
 * `x` [T, B, ...] with the first `lengths[b]` rows of each sequence b in reverse order; rows after them stay.
 * @throws ShapeError REVERSE_SEQUENCE; DTypeError REVERSE_SEQUENCE
 */
export function reverseSequence<D extends DType>(x: Tensor<D>, lengths: Tensor): Tensor<D>;
export function reverseSequence(x: Tensor, lengths: Tensor): Tensor {
  const [rows, batch] = x.shape;
  if (rows === undefined || batch === undefined || lengths.rank !== 1)
    throw new ShapeError(
      "REVERSE_SEQUENCE",
      `reverseSequence needs x [T, B, ...] and lengths [B], got ${describe(x)} ${printType(x.type)} and ${describe(lengths)} ${printType(lengths.type)}`,
    );
  if (lengths.dtype !== "int32")
    throw new DTypeError(
      "REVERSE_SEQUENCE",
      `reverseSequence: lengths ${describe(lengths)} must be int32`,
      { notes: [`it is ${printType(lengths.type)}`] },
    );
  const t = rowNumbers(rows);
  const n = expandDims(lengths, 0);
  const from = broadcastTo(where(lt(t, n), sub(sub(n, 1), t), t), [rows, batch]);
  const column = broadcastTo(columnNumbers(batch), [rows, batch]);
  return gather(x, [from, column], { axes: [0, 1], at: 0 });
}
