/** Rows in chunks, [T, ...] as [chunks, steps, ...], and the rows that are left. Views: what the rows are made of is computed chunk by chunk. */
import { elementCount, NDArray } from "../../graph/ndarray.ts";
import { applyOne } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { addIndexes, constantIndex, scaleIndex, zeroIndex } from "../../loop-ir/index-expr.ts";
import { mulSizes, subSizes, type Size } from "../../size/size.ts";
import { unaryInput } from "../arity.ts";
import { defineRecord } from "../record.ts";
import { sizeAt } from "../shape.ts";

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
    inParts: true,
  },
  cost: "view",
});

const restRowsOp = defineRecord<ChunkRowsParams>({
  name: "restRows",
  infer(inputs, { chunks, steps }) {
    const x = unaryInput(inputs);
    const rest = subSizes(sizeAt(x, 0), mulSizes(chunks, steps));
    return { types: [{ dtype: x.dtype, shape: [rest, ...x.shape.slice(1)] }] };
  },
  reference(inputs, { chunks, steps }, context) {
    const x = unaryInput(inputs);
    const [rows = 0, ...row] = x.shape;
    const whole = context.size(chunks) * context.size(steps);
    const data = x.data.slice(whole * elementCount(row));
    return [new NDArray(x.dtype, [rows - whole, ...row], data)];
  },
  lowering: {
    kind: "view",
    view: ({ params }, [step = zeroIndex, ...rest]) => [
      addIndexes(constantIndex(mulSizes(params.chunks, params.steps)), step),
      ...rest,
    ],
    inParts: true,
  },
  cost: "view",
});

/** The rows of `x` that `chunkRows` leaves. */
export function restRows(x: Tensor, chunks: Size, steps: Size): Tensor {
  return applyOne(restRowsOp, [x], { chunks, steps });
}

/** `chunks` times `steps` are at most the rows of `x`. */
export function chunkRows(x: Tensor, chunks: Size, steps: Size): Tensor {
  return applyOne(chunkRowsOp, [x], { chunks, steps });
}
