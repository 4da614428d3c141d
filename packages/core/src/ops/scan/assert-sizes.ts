/** The identity with conditions on sizes: what cannot be proved when the graph is built is tested when a call begins. */
import type { DType } from "../../graph/dtype.ts";
import { NDArray } from "../../graph/ndarray.ts";
import { applyOne, type SizeCheck } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Size } from "../../size/size.ts";
import { unaryInput } from "../arity.ts";
import { defineRecord, type OpRecord } from "../record.ts";
import { sameShape } from "../shape.ts";

interface AssertParams {
  /** The shape of the result: that of the input, perhaps written otherwise. */
  readonly shape: readonly Size[];
  readonly checks: readonly SizeCheck[];
}

export const assertSizesOp: OpRecord<AssertParams> = defineRecord<AssertParams>({
  name: "assertSizes",
  infer: (inputs, { shape, checks }) => ({
    types: [{ dtype: unaryInput(inputs).dtype, shape }],
    checks,
  }),
  reference(inputs) {
    const x = unaryInput(inputs);
    return [new NDArray<DType>(x.dtype, x.shape, x.data)];
  },
  vjp: (_context, { inputs }, [cotangent]) => [
    cotangent === undefined ? undefined : known(cotangent, unaryInput(inputs).shape),
  ],
  jvp: (_context, { params }, [tangent]) => [
    tangent === undefined ? undefined : known(tangent, params.shape),
  ],
  batch: ({ params }, inputs, _batched, length) => [
    applyOne(assertSizesOp, [unaryInput(inputs)], { ...params, shape: [length, ...params.shape] }),
  ],
  lowering: { kind: "view", view: (_apply, index) => index },
  cost: "view",
});

/** `x` with sizes that are known to be its own. */
function known(x: Tensor, shape: readonly Size[]): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(assertSizesOp, [x], { shape, checks: [] });
}

/** `x`, of shape `shape` from now on; the call fails when a check does. */
export function assertSizes<D extends DType>(
  x: Tensor<D>,
  shape: readonly Size[],
  checks: readonly SizeCheck[],
): Tensor<D>;
export function assertSizes(
  x: Tensor,
  shape: readonly Size[],
  checks: readonly SizeCheck[],
): Tensor {
  return checks.length === 0 && sameShape(x.shape, shape)
    ? x
    : applyOne(assertSizesOp, [x], { shape, checks });
}
