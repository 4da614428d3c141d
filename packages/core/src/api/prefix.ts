/** The two ways of computing prefix combinations of rows. */
import type { Tensor } from "../graph/tensor.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { concatenate } from "../ops/concatenate.ts";
import { expandDims, moveAxis, squeeze } from "../ops/dimshuffle.ts";
import { reshape } from "../ops/reshape.ts";
import { sliceAxis } from "../ops/slice.ts";
import { stopGradient } from "../ops/gradient-walls.ts";
import { ceilDivSizes, constantSize, mulSizes, subSizes, type Size } from "../size/size.ts";
import { scan } from "./scan/scan.ts";

type Combine = (left: readonly Tensor[], right: readonly Tensor[]) => Tensor[];

const lanes = 256;

/** The size of axis 0. */
const rowsOf = (x: Tensor): Size => x.shape[0] ?? constantSize(0);

/** One row after the other: row t of the results combines rows 0 .. t. Rows are pairs of `n` = 1. */
export function inOrder(combine: Combine, rows: readonly Tensor[]): Tensor[] {
  const ones = rows.map((x) => expandDims(x, 1));
  return runs(combine, ones).map((x) => squeeze(x, 1));
}

/** Combines along axis 0 of `[T, n, ...]`: n runs side by side. */
function runs(combine: Combine, all: readonly Tensor[]): Tensor[] {
  const first = all.map((x) => sliceAxis(x, 0, 0, 1));
  const rest = all.map((x) => sliceAxis(x, 0, 1, subSizes(rowsOf(x), 1)));
  const step = (...args: readonly Tensor[]): Tensor[] =>
    combine(args.slice(rest.length), args.slice(0, rest.length));
  const { outputs } = scan(step, {
    sequences: rest,
    outputsInfo: first.map((x) => squeeze(x, 0)),
  }) as { readonly outputs: readonly Tensor[] };
  return all.map((_, i) =>
    concatenate(
      [first[i], outputs[i]].filter((x) => x !== undefined),
      0,
    ),
  );
}

/**
 * Neighbouring rows form 256 lanes, which are combined side by side; then every lane but the first is combined with the total of those
 * before it. What fills up the last lane is never part of a result.
 */
export function inLanes(combine: Combine, rows: readonly Tensor[]): Tensor[] {
  const [length = constantSize(0)] = rows.map(rowsOf);
  const steps = ceilDivSizes(length, lanes);
  const whole = mulSizes(steps, lanes);
  const laid = rows.map((x) => {
    const rest = x.shape.slice(1);
    const last = stopGradient(sliceAxis(x, 0, subSizes(length, 1), 1));
    const filled = concatenate([x, broadcastTo(last, [subSizes(whole, length), ...rest])], 0);
    return moveAxis(reshape(filled, [lanes, steps, ...rest]), 1, 0);
  });
  const within = runs(combine, laid);
  const totals = inOrder(
    combine,
    within.map((x) => squeeze(sliceAxis(x, 0, subSizes(steps, 1), 1), 0)),
  );
  const pairs = mulSizes(steps, lanes - 1);
  const flat = (x: Tensor): Tensor => reshape(x, [pairs, ...x.shape.slice(2)]);
  const before = totals.map((x) => {
    const carried = sliceAxis(x, 0, 0, lanes - 1);
    return flat(broadcastTo(carried, [steps, ...carried.shape]));
  });
  const after = within.map((x) => flat(sliceAxis(x, 1, 1, lanes - 1)));
  return combine(before, after).map((x, i) => {
    const own = within[i] ?? x;
    const others = reshape(x, [steps, lanes - 1, ...x.shape.slice(1)]);
    const joined = moveAxis(concatenate([sliceAxis(own, 1, 0, 1), others], 1), 0, 1);
    return sliceAxis(reshape(joined, [whole, ...x.shape.slice(1)]), 0, 0, length);
  });
}
