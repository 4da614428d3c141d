/**
 * The factory of elementwise ops. From one description of a scalar function follow the type (static broadcasting), the
 * reference, the kernel, both derivatives and batching.
 */
import { allocate, isFloating, type DType } from "../graph/dtype.ts";
import { elementCount, NDArray } from "../graph/ndarray.ts";
import { applyOne, type Apply, type SizeCheck } from "../graph/op.ts";
import type { Tensor, TensorType } from "../graph/tensor.ts";
import { binary } from "../loop-ir/build.ts";
import type { Expr } from "../loop-ir/types.ts";
import { inputAt, unaryInput } from "./arity.ts";
import { stretch, sumTo } from "./broadcast.ts";
import { padRank } from "./dimshuffle.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { broadcastStrides, walkStrided } from "./reference/strided.ts";
import { broadcastShapes } from "./shape.ts";

/**
 * The derivative of the result in one input: a tensor (which multiplies), 1, a linear map of tangents when multiplying would be
 * wrong or wasteful, or undefined when no gradient flows.
 */
export type Partial = Tensor | 1 | ((tangent: Tensor) => Tensor) | undefined;

export interface ElementwiseSpec {
  /** The function on numbers; the result is rounded to the dtype. */
  readonly reference: (...xs: number[]) => number;
  /** The function on int32 and bool (0 or 1) where `reference` would lose bits or mean something else. */
  readonly integer?: (...xs: number[]) => number;
  /** The function on float32 where it rounds between its steps. */
  readonly float32?: (...xs: number[]) => number;
  /** The function on scalars of the loop IR. */
  readonly scalar: (...xs: Expr[]) => Expr;
  /** Derivatives in the inputs, from the result and the inputs. */
  readonly partials: (output: Tensor, ...inputs: Tensor[]) => readonly Partial[];
  /** Throws why there is no forward derivative, where `partials` speaks of gradients alone. */
  readonly refuseForward?: (apply: Apply<null>) => never;
  /** The result's dtype when it is not that of the last input. */
  readonly result?: DType;
  readonly cost?: OpRecord["cost"];
  readonly safeInputs?: readonly (number | undefined)[];
  readonly misuse?: OpRecord["misuse"];
}

/** For ops through which no gradient flows. */
export const noGradient = (): readonly Partial[] => [];

function referenceOf(
  spec: ElementwiseSpec,
  inputs: readonly NDArray[],
): (...xs: number[]) => number {
  if (inputs.every((x) => !isFloating(x.dtype))) return spec.integer ?? spec.reference;
  return inputs.some((x) => x.dtype === "float32")
    ? (spec.float32 ?? spec.reference)
    : spec.reference;
}

function referenceArrays(
  spec: ElementwiseSpec,
  inputs: readonly NDArray[],
  type: TensorType,
  shape: readonly number[],
): NDArray {
  const compute = referenceOf(spec, inputs);
  const data = allocate(type.dtype, elementCount(shape));
  const strides = inputs.map((x) => broadcastStrides(x.shape, shape));
  walkStrided(shape, strides, (flat, offsets) => {
    const value = compute(...inputs.map((x, i) => x.data[offsets[i] ?? 0] ?? 0));
    data[flat] = type.dtype === "bool" ? Number(value !== 0) : value;
  });
  return new NDArray<DType>(type.dtype, shape, data);
}

/** The change of the result along `tangent` of one input: also the cotangent of that input, because the map is diagonal. */
function along(partial: Partial, tangent: Tensor): Tensor | undefined {
  if (partial === undefined || partial === 1) return partial === 1 ? tangent : undefined;
  return typeof partial === "function" ? partial(tangent) : mulTensors(tangent, partial);
}

/** The record of an elementwise op. Its inputs have one dtype unless the constructor says otherwise. */
export function elementwise(name: string, spec: ElementwiseSpec): OpRecord<null> {
  const partialsOf = (apply: Apply<null>): readonly Partial[] =>
    spec.partials(unaryInput(apply.outputs), ...apply.inputs);
  const record: OpRecord<null> = defineRecord<null>({
    name,
    infer(inputs) {
      const checks: SizeCheck[] = [];
      const shape = broadcastShapes(name, inputs, checks);
      return {
        types: [{ dtype: spec.result ?? inputAt(inputs, inputs.length - 1).dtype, shape }],
        checks,
      };
    },
    reference(inputs, _params, context) {
      const type = unaryInput(context.types);
      return [referenceArrays(spec, inputs, type, type.shape.map(context.size))];
    },
    vjp(_context, apply, [cotangent], wanted) {
      if (cotangent === undefined) return [];
      const partials = partialsOf(apply);
      return apply.inputs.map((x, i) => {
        const pulled = wanted[i] === true ? along(partials[i], cotangent) : undefined;
        return pulled === undefined ? undefined : sumTo(pulled, x.shape);
      });
    },
    jvp(context, apply, tangents) {
      if (tangents[0] !== undefined) spec.refuseForward?.(apply);
      const { shape } = unaryInput(apply.outputs);
      const partials = partialsOf(apply);
      const terms = tangents.flatMap((tangent, i) => {
        const pushed = tangent === undefined ? undefined : along(partials[i], tangent);
        return pushed === undefined ? [] : [stretch(pushed, shape)];
      });
      return [terms.length === 0 ? undefined : terms.reduce(context.add)];
    },
    batch({ outputs }, inputs, batched) {
      const rank = unaryInput(outputs).rank + 1;
      return [
        applyOne(
          record,
          inputs.map((x, i) => (batched[i] === true ? padRank(x, rank, 1) : x)),
          null,
        ),
      ];
    },
    lowering: { kind: "scalar", scalar: (inputs) => spec.scalar(...inputs) },
    cost: spec.cost ?? "cheap",
    ...(spec.safeInputs === undefined ? {} : { safeInputs: spec.safeInputs }),
    ...(spec.misuse === undefined ? {} : { misuse: spec.misuse }),
  });
  return record;
}

/** The product, which the chain rule itself needs. On booleans it is `and`. */
export const mulOp = elementwise("mul", {
  reference: (x, y) => x * y,
  integer: Math.imul,
  scalar: (x, y) => binary(x.type === "bool" ? "and" : "mul", x, y),
  partials: (_, x, y) => [y, x],
});

/** x * y for tensors of one dtype. */
export function mulTensors(x: Tensor, y: Tensor): Tensor {
  return applyOne(mulOp, [x, y], null);
}
