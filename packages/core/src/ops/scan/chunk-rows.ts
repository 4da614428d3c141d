/** Rows in chunks: [T, ...] as [chunks, steps, ...], without the rows that fill no chunk. A view, whatever the rows are made of. */
import { elementCount, NDArray } from "../../graph/ndarray.ts";
import { applyOne } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addIndexes, scaleIndex, zeroIndex } from "../../loop-ir/index-expr.ts";
import type { Size } from "../../size/size.ts";
import { unaryInput } from "../arity.ts";
import { defineRecord } from "../record.ts";

interface ChunkRowsParams {
  readonly chunks: Size;
  readonly steps: Size;
}

const chunkRowsOp = defineRecord<ChunkRowsParams>({
  name: "chunkRows",
  infer(inputs, { chunks, steps }) {
    const x = unaryInput(inputs);
    return { types: [{ dtype: x.dtype, shape: [chunks, steps, ...x.shape.slice(1)] }] };
  },
  reference(inputs, { chunks, steps }, context) {
    const x = unaryInput(inputs);
    const shape = [context.size(chunks), context.size(steps), ...x.shape.slice(1)];
    return [new NDArray(x.dtype, shape, x.data.slice(0, elementCount(shape)))];
  },
  lowering: {
    kind: "view",
    view: ({ params }, [chunk = zeroIndex, step = zeroIndex, ...rest]) => [
      addIndexes(scaleIndex(chunk, params.steps), step),
      ...rest,
    ],
  },
  cost: "view",
});

/** `chunks` times `steps` are at most the rows of `x`. */
export function chunkRows(x: Tensor, chunks: Size, steps: Size): Tensor {
  return applyOne(chunkRowsOp, [x], { chunks, steps });
}
