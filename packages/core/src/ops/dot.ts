/** Products of tensors of any rank, made of the matrix product. */
import { requireOperand } from "./constant.ts";
import { ShapeError } from "../errors/errors.ts";
import type { DType, Promote } from "../graph/dtype.ts";
import type { SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { mul } from "./arithmetic.ts";
import { stretch, sum } from "./broadcast.ts";
import { insertAxes, moveAxis, squeeze } from "./dimshuffle.ts";
import { mulTensors } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { asTensor, commonDType, toTensor, type Operand } from "./operand.ts";
import { mergeAxes, splitAxis, toExactShape } from "./reshape.ts";
import { agree, broadcastShapes, describeTyped, sizeAt } from "./shape.ts";

function operands(x: Operand, y: Operand): readonly [Tensor, Tensor] {
  for (const [i, operand] of [x, y].entries()) requireOperand(`dot: argument ${i + 1}`, operand);
  const dtype = commonDType([x, y]);
  const number = dtype === "bool" ? "int32" : dtype;
  return [toTensor(asTensor(x, dtype), number), toTensor(asTensor(y, dtype), number)];
}

/** @throws ShapeError SHAPE_MISMATCH when the contracted axes provably differ. */
function contracted(op: string, x: Tensor, y: Tensor): void {
  const axis = Math.max(0, y.rank - 2);
  agree(op, { tensor: x, axis: x.rank - 1 }, { tensor: y, axis }, [], {
    hint: `the last axis of the first is multiplied with axis ${axis} of the second`,
  });
}

/**
 * NumPy's dot: the sum over the last axis of `x` and the second-to-last (or only) axis of `y`. Scalars multiply.
 * Shapes: [K].[K] -> [], [M, K].[K, N] -> [M, N], [..., K].[..., K, N] -> [..., ..., N].
 * @throws ShapeError SHAPE_MISMATCH
 */
export function dot<D extends DType, E extends DType>(
  x: Tensor<D>,
  y: Tensor<E>,
): Tensor<Promote<D, E>>;
export function dot(x: Operand, y: Operand): Tensor;
export function dot(x: Operand, y: Operand): Tensor {
  const [a, b] = operands(x, y);
  if (a.rank === 0 || b.rank === 0) return mul(a, b);
  contracted("dot", a, b);
  if (a.rank === 1 && b.rank === 1) return vectorDot(a, b);
  const rows = a.rank === 1 ? insertAxes(a, [0]) : mergeAxes(a, 0, a.rank - 1);
  const result = matmul(rows, columnsOf(b));
  const after = [...b.shape.slice(0, -2), ...(b.rank > 1 ? [sizeAt(b, -1)] : [])];
  if (a.rank === 1) return splitAxis(squeeze(result, 0), 0, after);
  return toExactShape(b.rank === 1 ? squeeze(result, 1) : result, [
    ...a.shape.slice(0, -1),
    ...after,
  ]);
}

function vectorDot(x: Tensor, y: Tensor): Tensor {
  const size = sizeAt(x, 0).constant === undefined ? sizeAt(y, 0) : sizeAt(x, 0);
  return sum(mulTensors(toExactShape(x, [size]), toExactShape(y, [size])));
}

/** [..., K, N] as [K, ... * N]; a vector as a column. */
function columnsOf(y: Tensor): Tensor {
  if (y.rank === 1) return insertAxes(y, [1]);
  return y.rank === 2 ? y : mergeAxes(moveAxis(y, -2, 0), 1, y.rank);
}

/**
 * NumPy's matmul: matrices in the last two axes, leading axes broadcast statically; vectors are rows or columns.
 * @throws ShapeError SHAPE_MISMATCH, MATMUL_SCALAR
 */
export function matmulBatched<D extends DType, E extends DType>(
  x: Tensor<D>,
  y: Tensor<E>,
): Tensor<Promote<D, E>>;
export function matmulBatched(x: Operand, y: Operand): Tensor;
export function matmulBatched(x: Operand, y: Operand): Tensor {
  const [a, b] = operands(x, y);
  for (const scalar of [a, b])
    if (scalar.rank === 0)
      throw new ShapeError(
        "MATMUL_SCALAR",
        `matmul needs at least one axis: ${describeTyped(scalar)}`,
        { hint: "use mul, or dot" },
      );
  if (b.rank <= 2) return dot(a, b);
  contracted("matmul", a, b);
  const left = a.rank === 1 ? insertAxes(a, [0]) : a;
  const checks: SizeCheck[] = [];
  const lead = broadcastShapes("matmul", [left, b], checks, 2);
  const result = matmul(
    stretch(left, [...lead, ...left.shape.slice(-2)]),
    stretch(b, [...lead, ...b.shape.slice(-2)]),
  );
  return a.rank === 1 ? squeeze(result, -2) : result;
}

/** The matrix of all products of two vectors: [M] and [N] give [M, N]. */
export function outer<D extends DType, E extends DType>(
  x: Tensor<D>,
  y: Tensor<E>,
): Tensor<Promote<D, E>> {
  return mul(insertAxes(x, [x.rank]) as Tensor<D>, y);
}
