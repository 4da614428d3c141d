/** The two ways of computing prefix combinations of rows. */
import type { Block } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { concatenate } from "../ops/concatenate.ts";
import { expandDims, squeeze } from "../ops/dimshuffle.ts";
import { isElementwise } from "../ops/prefix/prefix.ts";
import { recordOf } from "../ops/record.ts";
import { oneRow } from "../ops/prefix/prefix-rows.ts";
import { sameShape, sizeAt } from "../ops/shape.ts";
import { sliceAxis } from "../ops/slice.ts";
import { mulSizes, subSizes } from "../size/size.ts";
import { capture, tensorClock } from "./scan/capture.ts";
import { scan } from "./scan/scan.ts";

/** What combines the rows of many pairs, `[n, ...]` on either side. */
export type Combine = (left: readonly Tensor[], right: readonly Tensor[]) => readonly Tensor[];

/** One row after the other, each a single pair: row t of the results combines rows 0 .. t. */
export function inOrder(combine: Combine, rows: readonly Tensor[]): Tensor[] {
  const all = rows.map((x) => expandDims(x, 1));
  const first = all.map((x) => sliceAxis(x, 0, 0, 1));
  const rest = all.map((x) => sliceAxis(x, 0, 1, subSizes(sizeAt(x, 0), 1)));
  const step = (...args: readonly Tensor[]): readonly Tensor[] =>
    combine(args.slice(rest.length), args.slice(0, rest.length));
  const { outputs } = scan(step, {
    sequences: rest,
    outputsInfo: first.map((x) => squeeze(x, 0)),
  }) as { readonly outputs: readonly Tensor[] };
  return first.map((x, i) => squeeze(concatenate([x, ...outputs.slice(i, i + 1)], 0), 1));
}

/** Rows of more bytes are combined faster one after the other, all elements of one side by side. */
const mostBytes = 32;

/** The combination of one pair as the op for prefixes wants it; undefined where that is not faster, or cannot be. */
export function elementwiseCombination(
  combine: Combine,
  rows: readonly Tensor[],
): { readonly consts: readonly Tensor[]; readonly block: Block } | undefined {
  const [first] = rows;
  const elements = mulSizes(...(first?.shape.slice(1) ?? [])).constant ?? Infinity;
  const width = rows.some(({ dtype }) => dtype === "float64") ? 8 : 4;
  const isShort = elements === 1 || elements * width <= mostBytes;
  if (first === undefined || !isShort || !rows.every((x) => sameShape(x.shape, first.shape)))
    return undefined;
  const clock = tensorClock();
  const [left, right] = [rows.map(oneRow), rows.map(oneRow)];
  const args = new Set([...left, ...right]);
  const { outputs, outer, inputs } = capture(combine(left, right), args, clock, new Map());
  const block = { inputs: [...inputs, ...left, ...right], outputs };
  const isFit = outer.every((x) => x.rank === 0) && isElementwise(block);
  // More than one element: no vectors, and twice the arithmetic.
  const isWorthIt = elements === 1 || isCheap(block);
  return isFit && isWorthIt ? { consts: outer, block } : undefined;
}

const isCheap = ({ inputs, outputs }: Block): boolean =>
  toposort(outputs, new Set(inputs)).every((apply) =>
    ["view", "cheap"].includes(recordOf(apply).cost),
  );
