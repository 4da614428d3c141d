/** What all reductions share; each declares how two values fold, and its derivative. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import type { DType } from "../graph/dtype.ts";
import { elementCount, generate, type NDArray, rowMajorStrides } from "../graph/ndarray.ts";
import { applyOne, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { ReduceOp } from "../loop-ir/types.ts";
import { constantSize, type Size } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { insertAxes } from "./dimshuffle.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { walkStrided } from "./reference/strided.ts";

export interface ReduceParams {
  /** Ascending, counted from the front. */
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}

export interface ReduceOptions {
  /** Keep the reduced axes with size 1. */
  readonly keepdims?: boolean;
}

/** Whether the reduced axes stay, as axes of size 1. @throws ArgumentError REDUCE_OPTION */
export function keepsDims(op: string, options: ReduceOptions): boolean {
  const unknown = unknownOption(options, ["keepdims"]);
  if (unknown !== undefined)
    throw new ArgumentError("REDUCE_OPTION", `${op} ${unknown.problem}`, unknown);
  return options.keepdims ?? false;
}

export interface ReduceSpec {
  readonly op: ReduceOp;
  readonly identity: (dtype: DType) => number;
  readonly fold: (x: number, y: number, dtype: DType) => number;
  /** The cotangent of the input; the incoming one has the reduced axes with size 1. Missing: no gradient flows. */
  readonly pull?: (cotangent: Tensor, apply: Apply<ReduceParams>) => Tensor;
  /** The tangent of the result. */
  readonly push?: (tangent: Tensor, apply: Apply<ReduceParams>) => Tensor;
}

function reducedShape<T>(shape: readonly T[], { axes, keepdims }: ReduceParams, one: T): T[] {
  return shape.flatMap((size, axis) => (axes.includes(axis) ? (keepdims ? [one] : []) : [size]));
}

function foldArray(spec: ReduceSpec, x: NDArray, params: ReduceParams): NDArray {
  const kept = reducedShape(x.shape, { ...params, keepdims: true }, 1);
  const strides = rowMajorStrides(kept).map((stride, axis) =>
    params.axes.includes(axis) ? 0 : stride,
  );
  const identity = spec.identity(x.dtype);
  const sums = Array.from({ length: elementCount(kept) }, () => identity);
  walkStrided(x.shape, [strides], (flat, [at = 0]) => {
    sums[at] = spec.fold(sums[at] ?? 0, x.data[flat] ?? 0, x.dtype);
  });
  return generate(x.dtype, reducedShape(x.shape, params, 1), (i) => sums[i] ?? 0);
}

/** The result with its reduced axes as axes of size 1. */
export function withReducedAxes(result: Tensor, { axes, keepdims }: ReduceParams): Tensor {
  return keepdims ? result : insertAxes(result, axes);
}

/** A record that folds axes of its input. */
export function reduction(name: string, spec: ReduceSpec): OpRecord<ReduceParams> {
  const { pull, push } = spec;
  const record: OpRecord<ReduceParams> = defineRecord<ReduceParams>({
    name,
    infer(inputs, params) {
      const x = unaryInput(inputs);
      return {
        types: [{ dtype: x.dtype, shape: reducedShape<Size>(x.shape, params, constantSize(1)) }],
      };
    },
    reference: (inputs, params) => [foldArray(spec, unaryInput(inputs), params)],
    vjp(_context, apply, [cotangent]) {
      return [
        cotangent === undefined || pull === undefined
          ? undefined
          : pull(withReducedAxes(cotangent, apply.params), apply),
      ];
    },
    jvp: (_context, apply, [tangent]) => [
      tangent === undefined || push === undefined ? undefined : push(tangent, apply),
    ],
    batch: ({ params }, inputs) => [
      applyOne(record, [unaryInput(inputs)], {
        ...params,
        axes: params.axes.map((axis) => axis + 1),
      }),
    ],
    lowering: {
      kind: "reduce",
      op: spec.op,
      axes: ({ params }) => params.axes,
      keepdims: ({ params }) => params.keepdims,
    },
    cost: "cheap",
  });
  return record;
}
