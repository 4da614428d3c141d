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
import { entry, rowInput } from "./scan-draft.ts";

/** A product has blocks of as many rows at most: see `ops/matmul.ts`. */
const blockRows = 256;

/** How many steps make a block when every step adds `rows` rows. */
export function stepsPerBlock(rows: Size): Size {
  return maxSizes(floorDivSizes(blockRows, rows), 1);
}

/** What is added up over the steps of a loop. */
export interface BlockSum {
  /** Rows by step that the sum is made of, of as many steps as those of the sums beside it. */
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
    add: (both, total, steps) => {
      const [left, right] = [entry(both, 0), entry(both, 1)];
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
  const added = (rows: readonly Tensor[], totals: readonly Tensor[], steps: Size): Tensor[] =>
    sums.map((sum, i) =>
      sum.add(
        sum.rows.map((x) => entry(rows, all.indexOf(x))),
        entry(totals, i),
        steps,
      ),
    );
  const withRest = (totals: readonly Tensor[]): Tensor[] =>
    added(
      all.map((x) => sliceAxis(x, 0, whole, rest)),
      totals,
      rest,
    );
  const withBlocks = (totals: readonly Tensor[]): readonly Tensor[] => {
    const xs = all.map((x) =>
      reshape(sliceAxis(x, 0, 0, whole), [blocks, every, ...x.shape.slice(1)]),
    );
    const inside = xs.map(rowInput);
    const carries = totals.map((total) => freshLike(total));
    return makeScan(
      { name: "blocks", length: blocks, reverse, truncate: undefined, shifts: [] },
      { consts: [], carries: totals, xs },
      { inputs: [...carries, ...inside], outputs: added(inside, carries, every) },
    ).final;
  };
  return reverse ? withBlocks(withRest(begins)) : withRest(withBlocks(begins));
}
