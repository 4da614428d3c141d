/** Whether one tensor may stand in for another. */
import type { Tensor } from "../graph/tensor.ts";

/** Equal dtypes, and sizes that are provably equal. */
export function sameType(a: Tensor, b: Tensor): boolean {
  return (
    a.dtype === b.dtype &&
    a.rank === b.rank &&
    a.shape.every((size, axis) => size.key === b.shape[axis]?.key)
  );
}
