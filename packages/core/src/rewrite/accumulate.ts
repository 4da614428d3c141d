/** c + a b as one op that accumulates into c: one pass less, and its own rounding, so it is decided here. */
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { matmulAdd, matmulOp } from "../ops/matmul.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph, type Uses } from "./rewrite-graph.ts";

export const accumulateProducts: Pass = {
  name: "accumulate products into addends",
  run: (results) =>
    rewriteGraph(results, (apply, inputs, uses) => {
      if (apply.op !== add.op) return undefined;
      const [x, y] = inputs;
      const [oldX, oldY] = apply.inputs;
      if (x === undefined || y === undefined || oldX === undefined || oldY === undefined) return undefined;
      return accumulated(y, oldY, x, uses) ?? accumulated(x, oldX, y, uses);
    }),
};

/** addend + product, where the product serves nothing else and the addend is a full matrix that is worth changing. */
function accumulated(product: Tensor, old: Tensor, addend: Tensor, uses: Uses): readonly Tensor[] | undefined {
  const apply = ownerOf(product);
  if (apply?.op !== matmulOp || uses.of(old).length !== 1) return undefined;
  if (addend.dtype !== product.dtype || addend.rank !== product.rank || !addend.shape.every((size, axis) => size.equals(product.shape[axis] ?? size))) return undefined;
  const [a, b] = apply.inputs;
  return a === undefined || b === undefined ? undefined : [matmulAdd(a, b, addend)];
}
