/**
 * Sums over the steps of a loop, block by block of steps in the order of the loop. A block has its place counted from step 0 and adds
 * its rows upwards, so that a loop that is cut where a block begins has the same sums, bit for bit.
 */
import { freshLike } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { dimshuffle } from "../ops/dimshuffle.ts";
import { matmul, matmulAdd } from "../ops/matmul.ts";
import { reshape } from "../ops/reshape.ts";
import { makeScan } from "../ops/scan/scan.ts";
import { sizeAt } from "../ops/shape.ts";
import { sliceAxis } from "../ops/slice.ts";
import { floorDivSizes, maxSizes, mulSizes, subSizes, type Size } from "../size/size.ts";
import { isAllEqual } from "./constants.ts";
import { rowInput } from "./scan-draft.ts";

/** A product has blocks of as many rows at most: see `ops/matmul.ts`. */
const blockRows = 256;

/** How many steps make a block when every step adds `rows` rows. */
export function stepsPerBlock(rows: Size): Size {
  return maxSizes(floorDivSizes(blockRows, rows), 1);
}

/** What is added up over the steps of a loop. */
export interface BlockSum {
  /** Rows by step that the sum is made of. */
  readonly rows: readonly Tensor[];
  /** What the sum begins with. */
  readonly initial: Tensor;
  /** The total and the rows of a block: [steps, ...] each. */
  readonly add: (rows: readonly Tensor[], total: Tensor, steps: Size) => Tensor;
}

/** c + a_0 b_0 + a_1 b_1 + ... for rows [T, m, k] and [T, k, n]. */
export function sumOfProducts(a: Tensor, b: Tensor, initial: Tensor): BlockSum {
  const [m, k, n] = [sizeAt(a, 1), sizeAt(a, 2), sizeAt(b, 2)];
  return {
    rows: [a, b],
    initial,
    add: ([left = a, right = b], total, steps) => {
      const rows = mulSizes(steps, k);
      const joined = reshape(dimshuffle(left, [1, 0, 2]), [m, rows]);
      const below = reshape(right, [rows, n]);
      return isAllEqual(total, 0) ? matmul(joined, below) : matmulAdd(joined, below, total);
    },
  };
}

/**
 * The sums over all T steps, in blocks of `every` steps and one of 0 to every - 1 steps that are left at the end. One loop makes all of
 * them, so that rows that several need are still in the caches.
 */
export function sumOverBlocks(
  sums: readonly BlockSum[],
  every: Size,
  reverse: boolean,
): readonly Tensor[] {
  const all = [...new Set(sums.flatMap(({ rows }) => rows))];
  const [first] = all;
  const begins = sums.map(({ initial }) => initial);
  if (first === undefined) return begins;
  const blocks = floorDivSizes(sizeAt(first, 0), every);
  const whole = mulSizes(blocks, every);
  const rest = subSizes(sizeAt(first, 0), whole);
  const added = (
    rows: ReadonlyMap<Tensor, Tensor>,
    totals: readonly Tensor[],
    steps: Size,
  ): Tensor[] =>
    sums.map((sum, i) =>
      sum.add(
        sum.rows.map((x) => rows.get(x) ?? x),
        totals[i] ?? sum.initial,
        steps,
      ),
    );
  const withRest = (totals: readonly Tensor[]): Tensor[] =>
    added(new Map(all.map((x) => [x, sliceAxis(x, 0, whole, rest)])), totals, rest);
  const withBlocks = (totals: readonly Tensor[]): readonly Tensor[] => {
    const xs = all.map((x) =>
      reshape(sliceAxis(x, 0, 0, whole), [blocks, every, ...x.shape.slice(1)]),
    );
    const inside = new Map(all.map((x, i) => [x, rowInput(xs[i] ?? x)]));
    const carries = totals.map((total) => freshLike(total));
    return makeScan(
      { name: "blocks", length: blocks, reverse, truncate: undefined, shifts: [] },
      { consts: [], carries: totals, xs },
      { inputs: [...carries, ...inside.values()], outputs: added(inside, carries, every) },
    ).final;
  };
  return reverse ? withBlocks(withRest(begins)) : withRest(withBlocks(begins));
}
