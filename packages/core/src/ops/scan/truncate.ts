/** What truncation does to rows and registers: derivative loops visit the last steps only; earlier steps contribute nothing. */
import type { GradientContext } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addSizes, constantSize, minSizes, subSizes, type Size } from "../../size/size.ts";
import { sizeValue } from "../arange.ts";
import { eq } from "../compare.ts";
import { concatenate } from "../concatenate.ts";
import { zeros } from "../constant.ts";
import { where } from "../logic.ts";
import { sliceAxis } from "../slice.ts";
import type { ScanParams } from "./scan-params.ts";

/** The rows that a truncated derivative visits, the last `truncate` steps, and how many steps lie before. */
export interface TruncationWindow {
  readonly start: Size;
  readonly length: Size;
  readonly skipped: Size;
}

/** Undefined for scans that are not truncated. */
export function truncationWindow(params: ScanParams): TruncationWindow | undefined {
  if (params.truncate === undefined) return undefined;
  const length = minSizes(params.length, params.truncate);
  const skipped = subSizes(params.length, length);
  return { start: params.reverse ? constantSize(0) : skipped, length, skipped };
}

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
  return movedAlong(context, new Map(shifts), cotangents, skipped);
}

/**
 * Tangents of the carries that enter the window, `skipped` steps after the first: the transpose of `registersAfter`. A register holds
 * what another one began with, as many steps before as lie between them; everything else was computed in steps that do not count.
 */
export function registersBefore(
  context: GradientContext,
  shifts: readonly (readonly [from: number, to: number])[],
  tangents: readonly (Tensor | undefined)[],
  skipped: Size,
): (Tensor | undefined)[] {
  const before = new Map(shifts.map(([from, to]) => [to, from]));
  return movedAlong(context, before, tangents, skipped);
}

/** What each register has from the one that `next` leads to in `skipped` steps; zeros where it leads nowhere. */
function movedAlong(
  context: GradientContext,
  next: ReadonlyMap<number, number>,
  values: readonly (Tensor | undefined)[],
  skipped: Size,
): (Tensor | undefined)[] {
  if (skipped.constant === 0) return [...values];
  const steps = sizeValue(skipped);
  return values.map((value, carry) => {
    let sum: Tensor | undefined;
    let at: number | undefined = carry;
    for (let s = 0; at !== undefined; s++, at = next.get(at)) {
      const reached: Tensor | undefined = values[at];
      if (reached === undefined) continue;
      const term = where(eq(steps, s), reached, context.zeros(reached));
      sum = sum === undefined ? term : context.add(sum, term);
    }
    return sum ?? value;
  });
}
