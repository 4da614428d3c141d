/** What truncation does to rows and registers: the gradient loop visits the last steps only; earlier steps contribute nothing. */
import type { GradientContext } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addSizes, subSizes, type Size } from "../../size/size.ts";
import { sizeValue } from "../arange.ts";
import { eq } from "../compare.ts";
import { concatenate } from "../concatenate.ts";
import { zeros } from "../constant.ts";
import { where } from "../logic.ts";
import { sliceAxis } from "../slice.ts";

/** Rows start .. start + length - 1. */
export function sliceRows(rows: Tensor, start: Size, length: Size): Tensor {
  return sliceAxis(rows, 0, start, length);
}

/** `rows` at place `start` among `total` rows of zeros. */
export function padRows(rows: Tensor, start: Size, total: Size): Tensor {
  const inner = rows.shape.slice(1);
  const after = subSizes(total, addSizes(start, rows.shape[0] ?? 0));
  const pieces = [start, after].map((n) =>
    n.constant === 0 ? undefined : zeros([n, ...inner], rows.dtype),
  );
  const [before, behind] = pieces;
  const all = [before, rows, behind].filter((x) => x !== undefined);
  return all.length === 1 ? rows : concatenate(all, 0);
}

/**
 * Cotangents of the initial carries when the backward loop ended `skipped` steps before the first one. A plain carry gets zero
 * unless nothing was skipped. A register `to` that holds what `from` held one step before hands its cotangent on, one step each.
 */
export function registersAfter(
  context: GradientContext,
  shifts: readonly (readonly [from: number, to: number])[],
  cotangents: readonly (Tensor | undefined)[],
  skipped: Size,
): (Tensor | undefined)[] {
  if (skipped.constant === 0) return [...cotangents];
  const steps = sizeValue(skipped);
  const next = new Map(shifts);
  return cotangents.map((cotangent, carry) => {
    let sum: Tensor | undefined;
    let at: number | undefined = carry;
    for (let s = 0; at !== undefined; s++, at = next.get(at)) {
      const reached: Tensor | undefined = cotangents[at];
      if (reached === undefined) continue;
      const term = where(eq(steps, s), reached, context.zeros(reached));
      sum = sum === undefined ? term : context.add(sum, term);
    }
    return sum ?? cotangent;
  });
}
