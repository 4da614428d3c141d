/** Row-major walks over strided arrays: what reference implementations are made of. */
import type { DType } from "../../graph/dtype.ts";
import { allocate } from "../../graph/dtype.ts";
import { elementCount, NDArray, rowMajorStrides } from "../../graph/ndarray.ts";

/** For every element of `shape` in row-major order: its number and its place under each list of strides. */
export function walkStrided(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (flat: number, offsets: readonly number[]) => void,
): void {
  const total = elementCount(shape);
  const index = shape.map(() => 0);
  const offsets = strides.map(() => 0);
  for (let flat = 0; flat < total; flat++) {
    visit(flat, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const wraps = next === shape[axis];
      index[axis] = wraps ? 0 : next;
      for (const [k, list] of strides.entries())
        offsets[k] = (offsets[k] ?? 0) + (list[axis] ?? 0) * (wraps ? 1 - next : 1);
      if (!wraps) break;
    }
  }
}

/** Strides of `from` seen as `to`: 0 on axes that are missing or stretched. */
export function broadcastStrides(from: readonly number[], to: readonly number[]): number[] {
  const strides = rowMajorStrides(from);
  const missing = to.length - from.length;
  return to.map((size, axis) =>
    axis < missing || (from[axis - missing] === 1 && size !== 1)
      ? 0
      : (strides[axis - missing] ?? 0),
  );
}

/** Elements of `x` read at `offset` plus strides, as a new array of `shape`. */
export function readStrided(
  x: NDArray,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): NDArray {
  const data = allocate(x.dtype, elementCount(shape));
  walkStrided(shape, [strides], (flat, [at = 0]) => {
    data[flat] = x.data[offset + at] ?? 0;
  });
  return new NDArray<DType>(x.dtype, shape, data);
}

/** A copy that may be written. */
export function copyOf(x: NDArray): NDArray {
  return readStrided(x, x.shape, rowMajorStrides(x.shape));
}
