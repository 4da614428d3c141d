/** Tensors made of positions and sizes. */
import { ArgumentError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { generate } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { positionOf } from "../loop-ir/build.ts";
import { addIndexes, constantIndex, scaleIndex } from "../loop-ir/index-expr.ts";
import { ceilDivSizes, type Size, subSizes, toSize } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { cast } from "./cast.ts";
import { eq } from "./compare.ts";
import { constant } from "./constant.ts";
import { expandDims } from "./dimshuffle.ts";
import { toInteger } from "./operand.ts";
import { defineRecord } from "./record.ts";
import { clampSize, toShape, type Dimension } from "./shape.ts";

interface ArangeParams {
  readonly start: Size;
  readonly step: number;
  readonly length: Size;
}

/** start, start + step, ... as int32. */
export const arangeOp = defineRecord<ArangeParams>({
  name: "arange",
  infer: (_inputs, { length }) => ({ types: [{ dtype: "int32", shape: [length] }] }),
  reference(_inputs, { start, step, length }, context) {
    const first = context.size(start);
    return [generate("int32", [context.size(length)], (i) => first + i * step)];
  },
  vjp: () => [],
  jvp: () => [undefined],
  lowering: {
    kind: "element",
    element: ({ apply: { params }, index }) =>
      positionOf(
        addIndexes(scaleIndex(unaryInput(index), params.step), constantIndex(params.start)),
      ),
  },
  cost: "cheap",
});

interface SizeValueParams {
  readonly size: Size;
}

export const sizeValueOp = defineRecord<SizeValueParams>({
  name: "sizeValue",
  infer: () => ({ types: [{ dtype: "int32", shape: [] }] }),
  reference: (_inputs, { size }, context) => [generate("int32", [], () => context.size(size))],
  vjp: () => [],
  jvp: () => [undefined],
  lowering: {
    kind: "element",
    element: ({ apply }) => positionOf(constantIndex(apply.params.size)),
  },
  cost: "cheap",
});

/** A size as an int32 scalar. */
export function sizeValue(size: Dimension): Tensor<"int32"> {
  const known = toSize(size).constant;
  if (known !== undefined) return constant(known, "int32");
  return applyOne(sizeValueOp, [], { size: toSize(size) }) as Tensor<"int32">;
}

/**
 * Integers from `start` (0 when only one bound is given) up to but without `stop`. The sizes may be symbolic.
 * @throws ArgumentError ARANGE_STEP on a step that is no integer or 0
 */
export function arange(stop: Dimension): Tensor<"int32">;
export function arange(start: Dimension, stop: Dimension, step?: number): Tensor<"int32">;
export function arange(a: Dimension, b?: Dimension, step = 1): Tensor<"int32"> {
  if (!Number.isInteger(step) || step === 0)
    throw new ArgumentError(
      "ARANGE_STEP",
      `arange: the step must be an integer other than 0, got ${step}`,
    );
  for (const bound of [a, b ?? 0])
    if (typeof bound === "number" && !Number.isInteger(bound))
      throw new ArgumentError("SIZE", `arange: bounds are integers, got ${bound}`, {
        hint: "arange(n).mul(0.1) makes fractions",
      });
  const [start, stop] = b === undefined ? [toSize(0), toSize(a)] : [toSize(a), toSize(b)];
  const span = step > 0 ? subSizes(stop, start) : subSizes(start, stop);
  const length = ceilDivSizes(clampSize(span), Math.abs(step));
  return applyOne(arangeOp, [], { start, step, length }) as Tensor<"int32">;
}

/** [..., n]: 1 at the place that `ids` [...] names, 0 elsewhere; rows of zeros where an id lies outside 0 .. n-1. */
export function oneHot<D extends DType = "float32">(
  ids: Tensor,
  n: Dimension,
  dtype?: D,
): Tensor<D>;
export function oneHot(ids: Tensor, n: Dimension, dtype: DType = "float32"): Tensor {
  const [size] = toShape("oneHot", [n]);
  return cast(eq(expandDims(toInteger("oneHot", ids), -1), arange(size ?? n)), dtype);
}
