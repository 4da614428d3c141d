/** Places in arrays: a flat number in row-major order, or one number per axis. */
import type { NDArray } from "./ndarray.ts";

/** Row-major. @example elementAt([2, 3], 4); // [1, 1] */
export function elementAt(shape: readonly number[], flat: number): number[] {
  const element: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    element.unshift(size === 0 ? 0 : rest % size);
    rest = size === 0 ? 0 : Math.floor(rest / size);
  }
  return element;
}

/** The inverse of `elementAt`. */
export function flatAt(shape: readonly number[], element: readonly number[]): number {
  return shape.reduce((flat, size, axis) => flat * size + (element[axis] ?? 0), 0);
}

export function valueAt(array: NDArray, element: readonly number[]): number {
  return array.data[flatAt(array.shape, element)] ?? NaN;
}
