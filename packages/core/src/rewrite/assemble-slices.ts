/**
 * A sum of tensors that are zero outside of a slice each, as the gradient of slicing makes it: one concatenation where the slices
 * cover the whole, else one tensor that the pieces are added to in place. Bytes stay linear in the size of the whole.
 */
import { applyOne, ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { concatenate } from "../ops/concatenate.ts";
import { sliceAddOp, sliceOp, sliceSetOp, type SliceParams } from "../ops/slice.ts";
import { addSizes } from "../size/size.ts";
import { isAllEqual } from "./constants.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph, type Uses } from "./rewrite-graph.ts";

export const assembleSlices: Pass = {
  name: "assemble slices",
  run: (results) =>
    rewriteGraph(results, (apply, inputs, uses) => {
      const [x, y] = inputs;
      if (apply.op === sliceOp && x !== undefined)
        return sliceOfPadding(x, apply.params as SliceParams);
      if (apply.op !== add.op || x === undefined || y === undefined) return undefined;
      const [output] = apply.outputs;
      const [oldX, oldY] = apply.inputs;
      if (
        output === undefined ||
        oldX === undefined ||
        oldY === undefined ||
        !isOnlyAdded(oldX, uses) ||
        !isOnlyAdded(oldY, uses)
      )
        return undefined;
      const [left, right] = [piecesOf(x), piecesOf(y)];
      if (left !== undefined && right !== undefined) return [assembled([...left, ...right], x)];
      const [pieces, rest] =
        right !== undefined ? [right, x] : left !== undefined ? [left, y] : [undefined, x];
      if (
        pieces === undefined ||
        rest.rank !== output.rank ||
        rest.dtype !== output.dtype ||
        rest.shape.some((size, axis) => !size.equals(output.shape[axis] ?? size))
      )
        return undefined;
      return [
        pieces.reduce((sum, piece) => applyOne(sliceAddOp, [sum, piece.value], piece.params), rest),
      ];
    }),
};

/** Where every user is a sum, all of them may come to read the pieces, and nothing is left that needs the zeros. */
const isOnlyAdded = (tensor: Tensor, uses: Uses): boolean =>
  uses.of(tensor).every((user) => user !== "result" && user.op === add.op);

interface Piece {
  readonly value: Tensor;
  readonly params: SliceParams;
}

/** The pieces of a tensor that is zero elsewhere. */
function piecesOf(tensor: Tensor): Piece[] | undefined {
  const pieces: Piece[] = [];
  for (let at = tensor; ;) {
    const apply = ownerOf(at);
    const [base, value] = apply?.inputs ?? [];
    if (apply?.op !== sliceAddOp || base === undefined || value === undefined) return undefined;
    pieces.unshift({ value, params: apply.params as SliceParams });
    if (isAllEqual(base, 0)) return pieces;
    at = base;
  }
}

function assembled(pieces: readonly Piece[], like: Tensor): Tensor {
  const axis = pieces[0]?.params.axes.findIndex((a, i) => !isWhole(a, like, i)) ?? -1;
  const sorted = axis < 0 ? undefined : inOrder(pieces, axis, like);
  if (sorted !== undefined)
    return concatenate(
      sorted.map((p) => p.value),
      axis,
    );
  const [first, ...others] = pieces;
  const base = ownerOf(like)?.inputs[0] ?? like;
  const start = zerosBelow(base);
  if (first === undefined) return like;
  return [first, ...others].reduce(
    (sum, piece) => applyOne(sliceAddOp, [sum, piece.value], piece.params),
    start,
  );
}

/** The zeros that a chain of slices was added to. */
function zerosBelow(tensor: Tensor): Tensor {
  let at = tensor;
  for (let apply = ownerOf(at); apply?.op === sliceAddOp; apply = ownerOf(at))
    at = apply.inputs[0] ?? at;
  return at;
}

function isWhole(slice: SliceParams["axes"][number], like: Tensor, axis: number): boolean {
  return (
    slice.step === 1 && slice.start.constant === 0 && slice.length.key === like.shape[axis]?.key
  );
}

/** The pieces one behind the other, when they cut `axis` into parts and take all of every other axis. */
function inOrder(pieces: readonly Piece[], axis: number, like: Tensor): Piece[] | undefined {
  const left = new Set(pieces);
  const sorted: Piece[] = [];
  let end = addSizes(0);
  while (left.size > 0) {
    const next = [...left].find(
      ({ params }) => params.axes[axis]?.start.key === end.key && params.axes[axis].step === 1,
    );
    if (next === undefined || next.params.axes.some((a, i) => i !== axis && !isWhole(a, like, i)))
      return undefined;
    sorted.push(next);
    left.delete(next);
    end = addSizes(end, next.params.axes[axis]?.length ?? 0);
  }
  return end.key === like.shape[axis]?.key ? sorted : undefined;
}

/** The slice that was just put in, or put in over anything. */
function sliceOfPadding(x: Tensor, params: SliceParams): readonly Tensor[] | undefined {
  const apply = ownerOf(x);
  const [base, value] = apply?.inputs ?? [];
  if (
    apply === undefined ||
    base === undefined ||
    value === undefined ||
    JSON.stringify(apply.params) !== JSON.stringify(params)
  )
    return undefined;
  return apply.op === sliceSetOp || (apply.op === sliceAddOp && isAllEqual(base, 0))
    ? [value]
    : undefined;
}
