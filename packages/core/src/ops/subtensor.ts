/** Reading a part of a tensor, and a tensor with a part written or added to: static places and slices are views, integer tensors gather. */
import type { DType, Promote } from "../graph/dtype.ts";
import { applyOne } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Size } from "../size/size.ts";
import { stretch } from "./broadcast.ts";
import { dimshuffle, inversePattern } from "./dimshuffle.ts";
import { gather, scatterAddOp, scatterSetOp } from "./gather.ts";
import { planIndex, type Indexer, type IndexPlan } from "./indexer.ts";
import { commonDType, toInteger, toTensor, type Operand } from "./operand.ts";
import { broadcastShapes, normalizeAxis } from "./shape.ts";
import { sliceAddOp, sliceAxes, sliceSetOp } from "./slice.ts";

function broadcastIds(ids: readonly Tensor[]): Size[] {
  return broadcastShapes("index", ids, []);
}

function read(x: Tensor, plan: IndexPlan): Tensor {
  const sliced = sliceAxes(x, plan.slices);
  return dimshuffle(
    plan.ids.length === 0 ? sliced : gather(sliced, plan.ids, { axes: plan.axes, at: plan.at }),
    plan.pattern,
  );
}

/**
 * The part of `x` at an index, as NumPy reads it: `index(x, 0, { start: 1 }, null, "...", ids)`.
 * Integers and slices that are known give views; int32 tensors and arrays gather, and places below 0 count from the end.
 * @throws IndexError INDEX_RANGE, TOO_MANY_INDICES; DTypeError INDEX_DTYPE; ArgumentError SLICE_STEP, SLICE_BOUND, INDEX_VALUE, TWO_ELLIPSES
 */
export function index<D extends DType>(x: Tensor<D>, ...entries: readonly Indexer[]): Tensor<D>;
export function index(x: Tensor, ...entries: readonly Indexer[]): Tensor {
  return read(x, planIndex(x, entries, broadcastIds));
}

/** `values`, in the shape that reading would give, laid out as gathering leaves it. */
function laidOut(part: Tensor, plan: IndexPlan, values: Tensor, rank: number): Tensor {
  return dimshuffle(stretch(values, part.shape), inversePattern(plan.pattern, rank));
}

function update(
  mode: "add" | "set",
  x: Tensor,
  entries: readonly Indexer[],
  values: Operand,
): Tensor {
  const plan = planIndex(x, entries, broadcastIds);
  const dtype = commonDType([x, values]);
  const base = toTensor(x, dtype);
  const idsRank = plan.ids[0]?.rank ?? 0;
  const laid = laidOut(
    read(base, plan),
    plan,
    toTensor(values, dtype),
    x.rank - plan.axes.length + idsRank,
  );
  const slices = { axes: plan.slices };
  const [scatterOp, sliceOp] =
    mode === "add" ? [scatterAddOp, sliceAddOp] : [scatterSetOp, sliceSetOp];
  if (plan.ids.length === 0) return applyOne(sliceOp, [base, laid], slices);
  const sliced = sliceAxes(base, plan.slices);
  const changed = applyOne(scatterOp, [sliced, laid, ...plan.ids], {
    axes: plan.axes,
    at: plan.at,
  });
  return sliced === base ? changed : applyOne(sliceSetOp, [base, changed], slices);
}

/**
 * `x` with `values` (broadcast) in place of what `index(x, ...entries)` reads; where integer arrays name a place twice, the last value stays.
 * @throws as `index`; ShapeError BROADCAST
 */
export function setSubtensor<D extends DType, E extends DType>(
  x: Tensor<D>,
  entries: readonly Indexer[],
  values: Tensor<E>,
): Tensor<Promote<D, E>>;
export function setSubtensor<D extends DType>(
  x: Tensor<D>,
  entries: readonly Indexer[],
  values: Operand,
): Tensor<D>;
export function setSubtensor(x: Tensor, entries: readonly Indexer[], values: Operand): Tensor {
  return update("set", x, entries, values);
}

/**
 * `x` with `values` (broadcast) added to what `index(x, ...entries)` reads; where integer arrays name a place twice, both are added, in order.
 * @throws as `index`; ShapeError BROADCAST
 */
export function incSubtensor<D extends DType, E extends DType>(
  x: Tensor<D>,
  entries: readonly Indexer[],
  values: Tensor<E>,
): Tensor<Promote<D, E>>;
export function incSubtensor<D extends DType>(
  x: Tensor<D>,
  entries: readonly Indexer[],
  values: Operand,
): Tensor<D>;
export function incSubtensor(x: Tensor, entries: readonly Indexer[], values: Operand): Tensor {
  return update("add", x, entries, values);
}

/** The rows of `x` along `axis` that `ids` name: axis `axis` becomes the axes of `ids`. An embedding is `take(table, ids)`. @throws IndexError AXIS; DTypeError NOT_INTEGER */
export function take<D extends DType>(x: Tensor<D>, ids: Operand, axis?: number): Tensor<D>;
export function take(x: Tensor, ids: Operand, axis = 0): Tensor {
  const at = normalizeAxis("take", axis, x);
  return gather(x, [toInteger("take", ids)], { axes: [at], at });
}
