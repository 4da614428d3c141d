/** Rows of a run that goes forwards or backwards: the one it begins with, and the others. */
import type { Tensor } from "../graph/tensor.ts";
import { subSizes } from "../size/size.ts";
import { concatenate } from "./concatenate.ts";
import { sizeAt } from "./shape.ts";
import { sliceAxis } from "./slice.ts";

/** The row of `x` that a run forwards or backwards begins with. */
export function firstRow(x: Tensor, backwards: boolean): Tensor {
  return sliceAxis(x, 0, backwards ? subSizes(sizeAt(x, 0), 1) : 0, 1);
}

export function otherRows(x: Tensor, backwards: boolean): Tensor {
  return sliceAxis(x, 0, backwards ? 0 : 1, subSizes(sizeAt(x, 0), 1));
}

export function joined(first: Tensor, rest: Tensor, backwards: boolean): Tensor {
  return concatenate(backwards ? [rest, first] : [first, rest], 0);
}
