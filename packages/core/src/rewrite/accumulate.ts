/**
 * c + a b as one op that accumulates into c, and c + what is scattered over zeros as a scatter into c, which touches the rows of its ids
 * alone. Both have their own rounding, so they are decided here.
 */
import { applyOne, ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { dimshuffle, dimshuffleOp, inversePattern, type AxisPattern } from "../ops/dimshuffle.ts";
import { scatterAddOp } from "../ops/gather.ts";
import { matmulAdd, matmulOp } from "../ops/matmul.ts";
import { isAllEqual } from "./constants.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph, type Uses } from "./rewrite-graph.ts";

export const accumulateProducts: Pass = accumulating("addends", () => true);

/**
 * Only where the sum is a result, such as the next state of a loop: on devices where an addend that must be copied first costs a kernel,
 * and what reads a sum adds for nothing.
 */
export const accumulateResults: Pass = accumulating("results", (output, uses) =>
  uses.of(output).every((user) => user === "result"),
);

function accumulating(what: string, isWanted: (sum: Tensor, uses: Uses) => boolean): Pass {
  return {
    name: `accumulate into ${what}`,
    run: (results) =>
      rewriteGraph(results, (apply, inputs, uses) => {
        if (apply.op !== add.op) return undefined;
        const [output] = apply.outputs;
        if (output === undefined || !isWanted(output, uses)) return undefined;
        const [x, y] = inputs;
        const [oldX, oldY] = apply.inputs;
        if (x === undefined || y === undefined || oldX === undefined || oldY === undefined)
          return undefined;
        return accumulated(y, oldY, x, uses) ?? accumulated(x, oldX, y, uses);
      }),
  };
}

/** addend + product, where the product, or what is scattered, serves nothing else and the addend is a full matrix that is worth changing. */
function accumulated(
  product: Tensor,
  old: Tensor,
  addend: Tensor,
  uses: Uses,
): readonly Tensor[] | undefined {
  if (
    addend.dtype !== product.dtype ||
    addend.rank !== product.rank ||
    !addend.shape.every((size, axis) => size.equals(product.shape[axis] ?? size))
  )
    return undefined;
  const dropped = droppedAxes(product);
  if (dropped !== undefined) {
    const inner = accumulated(dropped.matrix, dropped.matrix, dimshuffle(addend, dropped.inverse), {
      ...uses,
      of: () => ["result"],
    });
    return inner?.[0] === undefined || uses.of(old).length !== 1
      ? undefined
      : [dimshuffle(inner[0], dropped.pattern)];
  }
  const apply = ownerOf(product);
  if (apply === undefined || uses.of(old).length !== 1) return undefined;
  const [a, b, ...more] = apply.inputs;
  if (apply.op === scatterAddOp && a !== undefined && b !== undefined && isAllEqual(a, 0))
    return [applyOne(scatterAddOp, [addend, b, ...more], apply.params)];
  if (apply.op !== matmulOp) return undefined;
  return a === undefined || b === undefined ? undefined : [matmulAdd(a, b, addend)];
}

/** The matrix of which a vector is the only row or column. */
function droppedAxes(
  tensor: Tensor,
):
  | { readonly matrix: Tensor; readonly pattern: AxisPattern; readonly inverse: AxisPattern }
  | undefined {
  const apply = ownerOf(tensor);
  const [matrix] = apply?.inputs ?? [];
  if (apply?.op !== dimshuffleOp || matrix === undefined || matrix.rank !== 2 || tensor.rank !== 1)
    return undefined;
  const { pattern } = apply.params as { readonly pattern: AxisPattern };
  return { matrix, pattern, inverse: inversePattern(pattern, 2) };
}
