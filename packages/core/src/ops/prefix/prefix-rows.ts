/** Rows of a run that goes forwards or backwards: the one it begins with, and the others. */
import { Tensor } from "../../graph/tensor.ts";
import { constantSize, subSizes } from "../../size/size.ts";
import { concatenate } from "../concatenate.ts";
import { sizeAt } from "../shape.ts";
import { sliceAxis } from "../slice.ts";

/** An input for one row of such rows. */
export function oneRow({ dtype, shape, name }: Tensor): Tensor {
  return new Tensor(
    { dtype, shape: [constantSize(1), ...shape.slice(1)] },
    { kind: "input" },
    name,
  );
}

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
