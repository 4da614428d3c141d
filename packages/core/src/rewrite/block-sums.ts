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

/** c + a_0 b_0 + a_1 b_1 + ... for rows [T, m, k] and [T, k, n], in blocks of `every` steps. */
export function sumOfProducts(
  a: Tensor,
  b: Tensor,
  every: Size,
  c: Tensor,
  reverse: boolean,
): Tensor {
  const [m, k, n] = [sizeAt(a, 1), sizeAt(a, 2), sizeAt(b, 2)];
  return overBlocks([a, b], every, c, reverse, ([left, right], total, steps) => {
    const rows = mulSizes(steps, k);
    const joined = reshape(dimshuffle(left, [1, 0, 2]), [m, rows]);
    const below = reshape(right, [rows, n]);
    return isAllEqual(total, 0) ? matmul(joined, below) : matmulAdd(joined, below, total);
  });
}

/**
 * What `add` makes of c and the rows of each block in turn: rows [every, ...], and [0 to every - 1, ...] for the steps that are left
 * at the end.
 */
export function overBlocks<const R extends readonly Tensor[]>(
  rows: R,
  every: Size,
  c: Tensor,
  reverse: boolean,
  add: (rows: { readonly [K in keyof R]: Tensor }, total: Tensor, steps: Size) => Tensor,
): Tensor;
export function overBlocks(
  rows: readonly Tensor[],
  every: Size,
  c: Tensor,
  reverse: boolean,
  add: (rows: readonly Tensor[], total: Tensor, steps: Size) => Tensor,
): Tensor {
  const [first] = rows;
  if (first === undefined) return c;
  const T = sizeAt(first, 0);
  const blocks = floorDivSizes(T, every);
  const whole = mulSizes(blocks, every);
  const rest = subSizes(T, whole);
  const withRest = (total: Tensor): Tensor =>
    add(
      rows.map((x) => sliceAxis(x, 0, whole, rest)),
      total,
      rest,
    );
  const withBlocks = (begins: Tensor): Tensor => {
    const xs = rows.map((x) =>
      reshape(sliceAxis(x, 0, 0, whole), [blocks, every, ...x.shape.slice(1)]),
    );
    const total = freshLike(begins);
    const inside = xs.map(rowInput);
    const { final } = makeScan(
      { name: "blocks", length: blocks, reverse, truncate: undefined, shifts: [] },
      { consts: [], carries: [begins], xs },
      { inputs: [total, ...inside], outputs: [add(inside, total, every)] },
    );
    return final[0] ?? begins;
  };
  return reverse ? withBlocks(withRest(c)) : withRest(withBlocks(c));
}
