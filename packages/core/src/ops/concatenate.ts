/** Tensors laid side by side. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { allocate, promote, type DType } from "../graph/dtype.ts";
import { elementCount, NDArray } from "../graph/ndarray.ts";
import { applyOne, type SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { addSizes, constantSize, type Size, subSizes } from "../size/size.ts";
import { unaryInput } from "./arity.ts";
import { stretch } from "./broadcast.ts";
import { cast } from "./cast.ts";
import { zerosLike } from "./constant.ts";
import { expandDims, squeeze } from "./dimshuffle.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { toExactShape } from "./reshape.ts";
import { agree, describeTyped, normalizeAxis, sizeAt, toShape, type Dimension } from "./shape.ts";
import { sliceAxis } from "./slice.ts";

interface ConcatenateParams {
  readonly axis: number;
}

/** Where each input begins along the axis, and where the last one ends. */
function beginnings(inputs: readonly Tensor[], axis: number): Size[] {
  const places = [constantSize(0)];
  for (const [i, x] of inputs.entries()) places.push(addSizes(places[i] ?? 0, sizeAt(x, axis)));
  return places;
}

export const concatenateOp: OpRecord<ConcatenateParams> = defineRecord<ConcatenateParams>({
  name: "concatenate",
  infer(inputs, { axis }) {
    const first = unaryInput(inputs);
    const checks: SizeCheck[] = [];
    const shape = [...first.shape];
    for (const other of inputs.slice(1))
      for (const [k, size] of shape.entries()) {
        if (k === axis) continue;
        const agreed = agree(
          "concatenate",
          { tensor: first, axis: k },
          { tensor: other, axis: k },
          checks,
          { hint: "only the axis of concatenation may differ" },
        );
        if (size.constant === undefined) shape[k] = agreed;
      }
    shape[axis] = beginnings(inputs, axis).at(-1) ?? constantSize(0);
    return { types: [{ dtype: first.dtype, shape }], checks };
  },
  reference(inputs, { axis }, context) {
    const { dtype, shape } = unaryInput(context.types);
    const sizes = shape.map(context.size);
    const data = allocate(dtype, elementCount(sizes));
    const outer = elementCount(sizes.slice(0, axis));
    let offset = 0;
    for (let row = 0; row < outer; row++)
      for (const x of inputs) {
        const run = elementCount(x.shape.slice(axis));
        data.set(x.data.subarray(row * run, (row + 1) * run), offset);
        offset += run;
      }
    return [new NDArray<DType>(dtype, sizes, data)];
  },
  vjp(_context, { inputs, params: { axis } }, [cotangent], wanted) {
    const places = beginnings(inputs, axis);
    return inputs.map((x, i) => {
      if (cotangent === undefined || wanted[i] !== true) return undefined;
      return toExactShape(
        sliceAxis(cotangent, axis, places[i] ?? constantSize(0), sizeAt(x, axis)),
        x.shape,
      );
    });
  },
  jvp(_context, { inputs, outputs, params }, tangents) {
    const tangent = applyOne(
      concatenateOp,
      inputs.map((x, i) => tangents[i] ?? zerosLike(x)),
      params,
    );
    return [toExactShape(tangent, unaryInput(outputs).shape)];
  },
  batch({ params: { axis } }, inputs, batched, length) {
    const all = inputs.map((x, i) => (batched[i] === true ? x : stretch(x, [length, ...x.shape])));
    return [applyOne(concatenateOp, all, { axis: axis + 1 })];
  },
  lowering: {
    kind: "assemble",
    offsets({ inputs, params: { axis } }) {
      const places = beginnings(inputs, axis);
      return inputs.map((x, i) =>
        x.shape.map((_, k) => (k === axis ? (places[i] ?? constantSize(0)) : constantSize(0))),
      );
    },
  },
  cost: "cheap",
});

/** Tensors side by side along `axis`; their other sizes agree. @throws ArgumentError CONCATENATE_EMPTY; ShapeError CONCATENATE_RANK, SHAPE_MISMATCH */
export function concatenate<D extends DType>(
  tensors: readonly Tensor<D>[],
  axis?: number,
): Tensor<D>;
export function concatenate(tensors: readonly Tensor[], axis = 0): Tensor {
  const [first, ...rest] = tensors;
  if (first === undefined)
    throw new ArgumentError("CONCATENATE_EMPTY", "concatenate needs at least one tensor");
  for (const other of rest)
    if (other.rank !== first.rank)
      throw new ShapeError(
        "CONCATENATE_RANK",
        `concatenate: ${describeTyped(first)} and ${describeTyped(other)} must have equally many axes`,
        {
          hint: "stack makes a new axis; expandDims adds one of size 1",
        },
      );
  const place = normalizeAxis("concatenate", axis, first);
  if (rest.length === 0) return first;
  const dtype = tensors.map((x): DType => x.dtype).reduce(promote);
  return applyOne(
    concatenateOp,
    tensors.map((x) => cast(x, dtype)),
    { axis: place },
  );
}

/** Tensors of one shape along a new axis. @throws ArgumentError CONCATENATE_EMPTY; ShapeError CONCATENATE_RANK, SHAPE_MISMATCH */
export function stack<D extends DType>(tensors: readonly Tensor<D>[], axis = 0): Tensor<D> {
  return concatenate(
    tensors.map((x) => expandDims(x, axis)),
    axis,
  );
}

/**
 * Pieces along `axis`: `pieces` equal ones, or pieces of the given sizes, which must add up.
 * @throws ShapeError SPLIT when they do not
 */
export function split<D extends DType>(
  x: Tensor<D>,
  pieces: number | readonly Dimension[],
  axis?: number,
): Tensor<D>[];
export function split(x: Tensor, pieces: number | readonly Dimension[], axis = 0): Tensor[] {
  const place = normalizeAxis("split", axis, x);
  const total = sizeAt(x, place);
  const sizes =
    typeof pieces === "number" ? equalPieces(x, total, pieces) : toShape("split", pieces);
  const missing = subSizes(total, addSizes(...sizes)).constant;
  if (missing !== undefined && missing !== 0)
    throw new ShapeError(
      "SPLIT",
      `split: sizes [${sizes.join(", ")}] do not add up to axis ${place} of ${describeTyped(x)}`,
    );
  let begin = constantSize(0);
  return sizes.map((size) => {
    const piece = sliceAxis(x, place, begin, size);
    begin = addSizes(begin, size);
    return piece;
  });
}

function equalPieces(x: Tensor, total: Size, pieces: number): Size[] {
  const [size, rest] = [(total.constant ?? Number.NaN) / pieces, total.constant];
  if (rest !== undefined && Number.isInteger(size) && size >= 0)
    return Array.from({ length: pieces }, () => constantSize(size));
  throw new ShapeError(
    "SPLIT",
    `split: an axis of size ${total.toString()} of ${describeTyped(x)} has no ${pieces} equal pieces`,
    {
      hint: "give the sizes: split(x, [2, 3], axis)",
    },
  );
}

/** The rows of `x` along `axis`, whose size is known, each without that axis. */
export function unstack<D extends DType>(x: Tensor<D>, axis = 0): Tensor<D>[] {
  const place = normalizeAxis("unstack", axis, x);
  const n = sizeAt(x, place).constant;
  if (n === undefined)
    throw new ShapeError(
      "SPLIT",
      `unstack: axis ${place} of ${describeTyped(x)} has no known size`,
      { hint: "loop over it with scan" },
    );
  return split(x, n, place).map((row) => squeeze(row, place));
}
