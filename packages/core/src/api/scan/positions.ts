/** Numbers of rows and columns. */
import { applyOne } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { arangeOp } from "../../ops/arange.ts";
import { expandDims } from "../../ops/dimshuffle.ts";
import { constantSize, type Size } from "../../size/size.ts";

/** 0 .. n-1, of exactly size `n`: unlike `arange`, for sizes that are known not to be negative. */
export function positions(n: Size): Tensor {
  return applyOne(arangeOp, [], { start: constantSize(0), step: 1, length: n });
}

/** `[n, 1]`: 0 .. n-1. */
export const rowNumbers = (n: Size): Tensor => expandDims(positions(n), 1);
/** `[1, n]`: 0 .. n-1. */
export const columnNumbers = (n: Size): Tensor => expandDims(positions(n), 0);
