/** The same elements in row-major order under another shape. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import { NDArray } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { floorDivSizes, mulSizes, type Size } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { defineRecord } from "./record.ts";
import { describeTyped, sameShape, shapeSize, toShape, type Dimension } from "./shape.ts";

interface ReshapeParams {
  readonly shape: readonly Size[];
}

const printShape = (shape: readonly unknown[]): string => `[${shape.join(", ")}]`;

export const reshapeOp = defineRecord<ReshapeParams>({
  name: "reshape",
  infer(inputs, { shape }) {
    const x = unaryInput(inputs);
    const types = [{ dtype: x.dtype, shape }];
    const [from, to] = [shapeSize(x.shape), shapeSize(shape)];
    if (from.equals(to)) return { types };
    const message = `reshape: ${describeTyped(x)} and shape ${printShape(shape)} must have equally many elements`;
    if (from.constant !== undefined && to.constant !== undefined)
      throw new ShapeError("RESHAPE", message, {
        notes: [`${from.constant} elements against ${to.constant}`],
      });
    return { types, checks: [{ x: from, relation: "equal", y: to, message }] };
  },
  reference(inputs, { shape }, context) {
    const x = unaryInput(inputs);
    return [new NDArray(x.dtype, shape.map(context.size), x.data)];
  },
  vjp: (_context, { inputs }, [cotangent]) => [
    cotangent === undefined ? undefined : toExactShape(cotangent, unaryInput(inputs).shape),
  ],
  jvp: (_context, { params }, [tangent]) => [
    tangent === undefined ? undefined : toExactShape(tangent, params.shape),
  ],
  batch: ({ params }, inputs, _batched, length) => [
    toExactShape(unaryInput(inputs), [length, ...params.shape]),
  ],
  lowering: { kind: "reshape" },
  cost: "view",
});

/** `x` under exactly these sizes; `x` itself when it has them. */
export function toExactShape(x: Tensor, shape: readonly Size[]): Tensor {
  return sameShape(x.shape, shape) ? x : applyOne(reshapeOp, [x], { shape });
}

/**
 * The elements of `x` in row-major order under another shape; one size may be -1 and is then what remains.
 * Sizes may be symbolic; what cannot be proved is checked at the call.
 * @throws ShapeError RESHAPE when the numbers of elements provably differ; ArgumentError RESHAPE_UNKNOWN on two -1.
 */
export function reshape<D extends DType>(x: Tensor<D>, shape: readonly Dimension[]): Tensor<D>;
export function reshape(x: Tensor, shape: readonly Dimension[]): Tensor {
  const unknown = shape.indexOf(-1);
  if (shape.lastIndexOf(-1) !== unknown)
    throw new ArgumentError(
      "RESHAPE_UNKNOWN",
      `reshape: shape ${printShape(shape)} has more than one -1`,
      {
        hint: "only one size can be inferred from the others",
      },
    );
  const known = toShape(
    "reshape",
    shape.filter((_, axis) => axis !== unknown),
  );
  if (unknown < 0) return toExactShape(x, known);
  const rest = shapeSize(known);
  if (rest.constant === 0)
    throw new ArgumentError(
      "RESHAPE_UNKNOWN",
      `reshape: -1 in shape ${printShape(shape)} could be anything: another size is 0`,
    );
  const quotient = floorDivSizes(shapeSize(x.shape), rest);
  return toExactShape(x, [...known.slice(0, unknown), quotient, ...known.slice(unknown)]);
}

/** Axes first .. last-1 merged into one. */
export function mergeAxes(x: Tensor, first: number, last: number): Tensor {
  const merged = mulSizes(...x.shape.slice(first, last));
  return toExactShape(x, [...x.shape.slice(0, first), merged, ...x.shape.slice(last)]);
}

/** Axis `axis` split into several; the inverse of `mergeAxes`. */
export function splitAxis(x: Tensor, axis: number, sizes: readonly Size[]): Tensor {
  return toExactShape(x, [...x.shape.slice(0, axis), ...sizes, ...x.shape.slice(axis + 1)]);
}

/** All elements in one axis. */
export function flatten<D extends DType>(x: Tensor<D>): Tensor<D>;
export function flatten(x: Tensor): Tensor {
  return toExactShape(x, [shapeSize(x.shape)]);
}
