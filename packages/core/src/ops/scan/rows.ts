/** Rows of arrays, for references of loops. */
import { InternalError } from "../../errors/errors.ts";
import { elementCount, NDArray } from "../../graph/ndarray.ts";

export function rowAt(array: NDArray, t: number): NDArray {
  const shape = array.shape.slice(1);
  const size = elementCount(shape);
  return new NDArray(array.dtype, shape, array.data.slice(t * size, (t + 1) * size));
}

export function setRow(rows: NDArray, t: number, value: NDArray | undefined): void {
  if (value === undefined) throw new InternalError("a scan step gave too few results");
  rows.data.set(value.data, t * value.data.length);
}
