/** Conversion of dtypes. */
import { isFloating, requireDType, type DType } from "../graph/dtype.ts";
import { generate } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { convert } from "../loop-ir/build.ts";
import { unaryInput } from "./arity.ts";
import { defineRecord, scalarTypeOf } from "./record.ts";

interface CastParams {
  readonly dtype: DType;
}

/** Floats become integers by truncation, saturated, NaN as 0; anything becomes a bool by `!= 0`. */
function convertNumber(dtype: DType, x: number): number {
  if (dtype === "bool") return Number(x !== 0);
  if (dtype !== "int32") return x;
  return Number.isNaN(x) ? 0 : Math.max(-0x80000000, Math.min(0x7fffffff, Math.trunc(x)));
}

export const castOp = defineRecord<CastParams>({
  name: "cast",
  infer: (inputs, { dtype }) => ({ types: [{ dtype, shape: unaryInput(inputs).shape }] }),
  reference(inputs, { dtype }) {
    const x = unaryInput(inputs);
    return [generate(dtype, x.shape, (i) => convertNumber(dtype, x.data[i] ?? 0))];
  },
  vjp(_context, { inputs, params }, [cotangent]) {
    const { dtype } = unaryInput(inputs);
    const flows = cotangent !== undefined && isFloating(dtype) && isFloating(params.dtype);
    return [flows ? castTo(cotangent, dtype) : undefined];
  },
  jvp: (_context, { params: { dtype } }, [tangent]) => [
    tangent !== undefined && isFloating(dtype) ? castTo(tangent, dtype) : undefined,
  ],
  batch: ({ params }, inputs) => [castTo(unaryInput(inputs), params.dtype)],
  lowering: {
    kind: "scalar",
    scalar: (inputs, { params }) => convert(scalarTypeOf[params.dtype], unaryInput(inputs)),
  },
  cost: "cheap",
  misuse: ([x]) =>
    x?.data.some((v) => Number.isNaN(v)) === true
      ? "converts NaN, which becomes 0 as an integer and true as a bool"
      : undefined,
});

function castTo(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : applyOne(castOp, [x], { dtype });
}

/** `x` with another dtype; `x` itself when it has it already. Gradients pass between floating dtypes only. @throws DTypeError DTYPE */
export function cast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  requireDType("cast", dtype);
  return castTo(x, dtype) as Tensor<D>;
}
