/** The records of the matrix product. Products run over k ascending, in blocks of 256, each from +0, added to the result in order. */
import { ShapeError } from "../errors/errors.ts";
import { allocate, isFloating, type DType } from "../graph/dtype.ts";
import { elementCount, NDArray } from "../graph/ndarray.ts";
import { applyOne, type Inferred, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Size } from "../size/size.ts";
import { binaryInputs, inputAt, ternaryInputs, unaryInput } from "./arity.ts";
import { stretch, sum } from "./broadcast.ts";
import { insertAxes, moveAxis, transposeLast } from "./dimshuffle.ts";
import { mulTensors } from "./elementwise.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { mergeAxes, splitAxis, toExactShape } from "./reshape.ts";
import { agree, describeSource, sizeAt } from "./shape.ts";

const block = 256;

function inferProduct(name: string, inputs: readonly Tensor[]): Inferred {
  const [a, b] = binaryInputs(inputs);
  const checks: SizeCheck[] = [];
  const lead = a.shape
    .slice(0, -2)
    .map((_, axis) => agree(name, { tensor: a, axis }, { tensor: b, axis }, checks));
  const [k, rows] = [sizeAt(a, -1), sizeAt(b, -2)];
  if (!k.equals(rows)) {
    const message = `${name}: the last axis of ${describeSource(a)} (${k.toString()}) and the contracted axis of ${describeSource(b)} (${rows.toString()}) must agree`;
    if (k.constant !== undefined && rows.constant !== undefined)
      throw new ShapeError("SHAPE_MISMATCH", message);
    checks.push({ x: k, relation: "equal", y: rows, message });
  }
  return { types: [{ dtype: a.dtype, shape: [...lead, sizeAt(a, -2), sizeAt(b, -1)] }], checks };
}

/** c + a b, or a b when `c` is undefined. */
function referenceProduct(a: NDArray, b: NDArray, c: NDArray | undefined): NDArray {
  const [m = 1, k = 1] = a.shape.slice(-2);
  const n = b.shape.at(-1) ?? 1;
  const lead = a.shape.slice(0, -2);
  const data = allocate(a.dtype, elementCount(lead) * m * n);
  const round = a.dtype === "float32" ? Math.fround : (x: number): number => x;
  for (let row = 0; row < elementCount(lead) * m; row++) {
    const bStart = Math.floor(row / m) * k * n;
    for (let j = 0; j < n; j++) {
      let total = c === undefined ? 0 : (c.data[row * n + j] ?? 0);
      for (let first = 0; first < k; first += block) {
        let sum = 0;
        for (let i = first; i < Math.min(k, first + block); i++)
          sum = round(sum + round((a.data[row * k + i] ?? 0) * (b.data[bStart + i * n + j] ?? 0)));
        total = c === undefined && first === 0 ? sum : round(total + sum);
      }
      data[row * n + j] = total;
    }
  }
  return new NDArray<DType>(a.dtype, [...lead, m, n], data);
}

/** a b for [..., M, K] and [..., K, N] with equal leading axes. */
export const matmulOp: OpRecord<null> = defineRecord<null>({
  name: "matmul",
  spoken: "dot",
  infer: (inputs) => inferProduct("dot", inputs),
  reference(inputs) {
    const [a, b] = binaryInputs(inputs);
    return [referenceProduct(a, b, undefined)];
  },
  vjp(_context, { inputs }, [cotangent], wanted) {
    if (cotangent === undefined) return [];
    const [a, b] = binaryInputs(inputs);
    return [
      wanted[0] === true ? toExactShape(matmul(cotangent, transposeLast(b)), a.shape) : undefined,
      wanted[1] === true ? toExactShape(matmul(transposeLast(a), cotangent), b.shape) : undefined,
    ];
  },
  jvp(context, { inputs, outputs }, tangents) {
    const [a, b] = binaryInputs(inputs);
    const [da, db] = tangents;
    const terms = [
      ...(da === undefined ? [] : [matmul(da, b)]),
      ...(db === undefined ? [] : [matmul(a, db)]),
    ];
    const { shape } = unaryInput(outputs);
    return [
      terms.length === 0 ? undefined : terms.map((t) => toExactShape(t, shape)).reduce(context.add),
    ];
  },
  batch(_apply, inputs, batched) {
    const [a, b] = binaryInputs(inputs);
    if (batched[0] === true && batched[1] === true) return [matmul(a, b)];
    return [batched[0] === true ? batchedLeft(a, b) : batchedRight(a, b)];
  },
  lowering: { kind: "matmul" },
  cost: "expensive",
});

/** a b for tensors of one dtype, [..., M, K] and [..., K, N], with equal leading axes. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (isFloating(a.dtype)) return applyOne(matmulOp, [a, b], null);
  return sum(mulTensors(insertAxes(a, [a.rank]), insertAxes(b, [b.rank - 2])), -2);
}

/** [L, ..., M, K] x [..., K, N]: the rows of all L join into one product. */
function batchedLeft(a: Tensor, b: Tensor): Tensor {
  const at = a.rank - 3;
  const rows = moveAxis(a, 0, at);
  const split = [sizeAt(rows, at), sizeAt(rows, at + 1)];
  return moveAxis(splitAxis(matmul(mergeAxes(rows, at, at + 2), b), at, split), at, 0);
}

/** [..., M, K] x [L, ..., K, N]: the columns of all L join into one product. */
function batchedRight(a: Tensor, b: Tensor): Tensor {
  const at = b.rank - 2;
  const columns = moveAxis(b, 0, at);
  const split = [sizeAt(columns, at), sizeAt(columns, at + 1)];
  return moveAxis(splitAxis(matmul(a, mergeAxes(columns, at, at + 2)), at, split), at, 0);
}

/** c + a b: c first, then the blocks of the product in order. */
export const matmulAddOp: OpRecord<null> = defineRecord<null>({
  name: "matmulAdd",
  infer(inputs) {
    const { types, checks = [] } = inferProduct("matmulAdd", inputs);
    const c = inputAt(inputs, 2);
    const { dtype, shape } = unaryInput(types);
    const more: SizeCheck[] = shape.flatMap((size, axis) =>
      size.equals(sizeAt(c, axis))
        ? []
        : [
            {
              x: sizeAt(c, axis),
              relation: "equal",
              y: size,
              message: `matmulAdd: axis ${axis} of the addend must agree with the product`,
            },
          ],
    );
    return { types: [{ dtype, shape: c.shape }], checks: [...checks, ...more] };
  },
  reference(inputs) {
    const [a, b, c] = ternaryInputs(inputs);
    return [referenceProduct(a, b, c)];
  },
  vjp(context, apply, cotangents, wanted) {
    return [
      ...(matmulOp.vjp?.(context, { ...apply, op: matmulOp, params: null }, cotangents, wanted) ??
        []),
      cotangents[0],
    ];
  },
  jvp(context, { inputs, outputs }, tangents) {
    const [a, b] = binaryInputs(inputs);
    const [da, db, dc] = tangents;
    const { shape } = unaryInput(outputs);
    const terms = [
      ...(dc === undefined ? [] : [dc]),
      ...(da === undefined ? [] : [matmul(da, b)]),
      ...(db === undefined ? [] : [matmul(a, db)]),
    ];
    return [
      terms.length === 0 ? undefined : terms.map((t) => toExactShape(t, shape)).reduce(context.add),
    ];
  },
  batch(apply, inputs, batched, length) {
    const [a, b, c] = ternaryInputs(inputs);
    const all = [a, b, c].map((x, i) =>
      batched[i] === true ? x : stretch(x, [length, ...x.shape]),
    );
    if (batched[0] === true && batched[1] !== true && a.rank === 3)
      return [addProductToRows(a, b, all[2] ?? c)];
    return [applyOne(matmulAddOp, all, null)];
  },
  lowering: { kind: "matmul" },
  cost: "expensive",
});

/** [L, M, K] x [K, N] + [L, M, N] as one product of L * M rows. */
function addProductToRows(a: Tensor, b: Tensor, c: Tensor): Tensor {
  const split: readonly Size[] = [sizeAt(a, 0), sizeAt(a, 1)];
  return splitAxis(
    applyOne(matmulAddOp, [mergeAxes(a, 0, 2), b, mergeAxes(c, 0, 2)], null),
    0,
    split,
  );
}

/** c + a b for tensors of one dtype: c first, then the product in blocks of 256 along k. */
export function matmulAdd(a: Tensor, b: Tensor, c: Tensor): Tensor {
  return applyOne(matmulAddOp, [a, b, c], null);
}
