/** The last value of an output that is not fed back. */
import type { Tensor } from "../../graph/tensor.ts";
import { any } from "../../ops/axes.ts";
import { sum } from "../../ops/broadcast.ts";
import { zeros } from "../../ops/constant.ts";
import { squeeze } from "../../ops/dimshuffle.ts";
import { sliceAxis } from "../../ops/slice.ts";
import { constantSize, maxSizes, minSizes, subSizes, type Size } from "../../size/size.ts";
import { isLastStep, zeroPadded, type Padding } from "./padding.ts";

/** Row `steps - 1` of `rows`, each sequence's own last valid row under padding; zeros after no step. */
export function lastRow(rows: Tensor, steps: Size, padding: Padding | undefined): Tensor {
  if (padding !== undefined) return onlyRow(zeroPadded(isLastStep(padding), rows));
  const known = steps.constant;
  if (known === 0) return zeros(rows.shape.slice(1), rows.dtype);
  if (known !== undefined) return squeeze(sliceAxis(rows, 0, known - 1, 1), 0);
  return onlyRow(
    sliceAxis(rows, 0, maxSizes(subSizes(steps, 1), 0), minSizes(steps, constantSize(1))),
  );
}

/** The only row that is not zero, as a sum: zeros when there is none. */
function onlyRow(rows: Tensor): Tensor {
  return rows.dtype === "bool" ? any(rows, 0) : sum(rows, 0);
}
