/** broadcastTo and sum: each is the other's derivative. */
import type { DType } from "../graph/dtype.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { zeroIndex } from "../loop-ir/index-expr.ts";
import { ShapeError } from "../errors/errors.ts";
import { constantSize, type Size } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { cast } from "./cast.ts";
import { insertAxes, padRank } from "./dimshuffle.ts";
import { defineRecord } from "./record.ts";
import { keepsDims, reduction, type ReduceOptions } from "./reduce.ts";
import { broadcastStrides, readStrided } from "./reference/strided.ts";
import { toExactShape } from "./reshape.ts";
import {
  describeSource,
  describeTyped,
  isOne,
  knownNonNegative,
  normalizeAxes,
  sameShape,
  toShape,
  type Dimension,
} from "./shape.ts";

interface BroadcastParams {
  readonly shape: readonly Size[];
}

export const broadcastToOp = defineRecord<BroadcastParams>({
  name: "broadcastTo",
  infer(inputs, { shape }) {
    const x = unaryInput(inputs);
    const missing = shape.length - x.rank;
    const checks: SizeCheck[] = [];
    const refuse = (message: string): never => {
      throw new ShapeError("BROADCAST", `broadcastTo: ${message}`, {
        notes: [`${describeTyped(x)} to [${shape.join(", ")}]`],
        hint: "an axis broadcasts only where its size is the constant 1 when the graph is built",
      });
    };
    if (missing < 0) refuse(`${describeSource(x)} has more axes than the shape`);
    for (const size of shape)
      if (!knownNonNegative(size))
        checks.push({
          x: size,
          relation: "atLeast",
          y: constantSize(0),
          message: `broadcastTo: an axis of [${shape.join(", ")}] is negative`,
        });
    for (const [axis, size] of x.shape.entries()) {
      const target = shape[axis + missing];
      if (target === undefined || isOne(size) || size.equals(target)) continue;
      const message = `axis ${axis} of ${describeSource(x)} (${size.toString()}) does not stretch to ${target.toString()}`;
      if (size.constant !== undefined && target.constant !== undefined) refuse(message);
      checks.push({ x: size, relation: "equal", y: target, message: `broadcastTo: ${message}` });
    }
    return { types: [{ dtype: x.dtype, shape }], checks };
  },
  reference(inputs, { shape }, context) {
    const x = unaryInput(inputs);
    const sizes = shape.map(context.size);
    return [readStrided(x, sizes, broadcastStrides(x.shape, sizes))];
  },
  vjp: (_context, { inputs }, [cotangent]) => [
    cotangent === undefined ? undefined : sumTo(cotangent, unaryInput(inputs).shape),
  ],
  jvp: (_context, { params }, [tangent]) => [
    tangent === undefined ? undefined : stretch(tangent, params.shape),
  ],
  batch: ({ params: { shape } }, inputs, _batched, length) => [
    stretch(padRank(unaryInput(inputs), shape.length + 1, 1), [length, ...shape]),
  ],
  lowering: {
    kind: "view",
    view({ inputs, params: { shape } }, index) {
      const x = unaryInput(inputs);
      return x.shape.map((size, axis) =>
        isOne(size) ? zeroIndex : (index[axis + shape.length - x.rank] ?? zeroIndex),
      );
    },
  },
  cost: "view",
});

/** `x` seen with exactly these sizes; `x` itself when it has them. */
export function stretch(x: Tensor, shape: readonly Size[]): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(broadcastToOp, [x], { shape });
}

/** `x` repeated along new leading axes and along axes of static size 1. @throws ShapeError BROADCAST */
export function broadcastTo<D extends DType>(x: Tensor<D>, shape: readonly Dimension[]): Tensor<D>;
export function broadcastTo(x: Tensor, shape: readonly Dimension[]): Tensor {
  return stretch(x, toShape("broadcastTo", shape));
}

export const sumOp = reduction("sum", {
  op: "add",
  identity: () => 0,
  fold: (x, y, dtype) => (dtype === "int32" ? (x + y) | 0 : x + y),
  pull: (cotangent, { inputs }) => stretch(cotangent, unaryInput(inputs).shape),
  push: (tangent, { params }) => sumAxes(tangent, params.axes, params.keepdims),
});

function sumAxes(x: Tensor, axes: readonly number[], keepdims: boolean): Tensor {
  return axes.length === 0 ? x : applyOne(sumOp, [x], { axes, keepdims });
}

/** The sum over `axes` (all when undefined). Booleans are counted: the sum is int32. @throws IndexError AXIS; ArgumentError REDUCE_OPTION */
export function sum<D extends DType>(
  x: Tensor<D>,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor<D extends "bool" ? "int32" : D>;
export function sum(
  x: Tensor,
  axes?: number | readonly number[],
  options: ReduceOptions = {},
): Tensor {
  const counted = x.dtype === "bool" ? cast(x, "int32") : x;
  return sumAxes(counted, normalizeAxes("sum", axes, x), keepsDims("sum", options));
}

/** The sum of `x` over everything that broadcasting from `shape` to the shape of `x` repeated. */
export function sumTo(x: Tensor, shape: readonly Size[]): Tensor {
  const missing = x.rank - shape.length;
  const stretched = shape.flatMap((size, axis) =>
    isOne(size) && !isOne(x.shape[axis + missing]) ? [axis] : [],
  );
  const leading = Array.from({ length: missing }, (_, axis) => axis);
  const summed = sumAxes(x, [...leading, ...stretched.map((axis) => axis + missing)], false);
  return toExactShape(insertAxes(summed, stretched), shape);
}
