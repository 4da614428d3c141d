/**
 * Prefix combinations as one node: (consts, elements) -> results, rows on axis 0. Row t of the results is row t of the elements, combined
 * with the results of the row before; of the row after where `reverse`. The block says how one row on the left, `[1, ...]` for elements
 * `[T, ...]`, and one on the right are combined: element by element, by an associative function. Compiled, it is associated as the loop
 * IR's `prefix` says; the reference goes row by row.
 */
import { InternalError } from "../../errors/errors.ts";
import { allocate } from "../../graph/dtype.ts";
import { elementCount, NDArray } from "../../graph/ndarray.ts";
import { applyOp, type Block } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { onlyBlock } from "../block-op.ts";
import { prefixJvp, prefixVjp } from "./prefix-gradient.ts";
import { gradClipOp, gradScaleOp } from "../gradient-walls.ts";
import type { MakePrefix, PrefixParams } from "./prefix-params.ts";
import { defineRecord, recordOf } from "../record.ts";
import { sameShape } from "../shape.ts";
import { rowAt, setRow } from "../scan/rows.ts";

/** The block's inputs: consts, what is on the left, what is on the right. */
export const prefixOp = defineRecord<PrefixParams>({
  name: "prefix",
  infer: (inputs, { consts }) => ({ types: inputs.slice(consts).map(({ type }) => type) }),
  reference(inputs, { consts, reverse }, context, blocks) {
    const block = onlyBlock("prefix", blocks);
    const [scalars, elements] = [inputs.slice(0, consts), inputs.slice(consts)];
    const results = elements.map(
      ({ dtype, shape }) => new NDArray(dtype, shape, allocate(dtype, elementCount(shape))),
    );
    const rows = elements[0]?.shape[0] ?? 0;
    let last: readonly NDArray[] | undefined;
    for (let i = 0; i < rows; i++) {
      const t = reverse ? rows - 1 - i : i;
      const own = elements.map((x) => oneRow(rowAt(x, t)));
      last = last === undefined ? own : context.block(block, [...scalars, ...last, ...own]);
      for (const [k, result] of results.entries()) setRow(result, t, last[k]);
    }
    return results;
  },
  vjp: (context, apply, cotangents, wanted) =>
    prefixVjp(context, apply, cotangents, wanted, makePrefix),
  jvp: (context, apply, tangents) => prefixJvp(context, apply, tangents, makePrefix),
  lowering: { kind: "prefix" },
  cost: "expensive",
});

const oneRow = ({ dtype, shape, data }: NDArray): NDArray =>
  new NDArray(dtype, [1, ...shape], data);

/** Applies it. @throws INTERNAL where the block does not work element by element, elements differ in shape, or dtypes change */
export const makePrefix: MakePrefix = (consts, elements, block, reverse) => {
  if (!isElementwise(block)) throw new InternalError("a prefix of something not elementwise");
  if (!elements.every((x) => sameShape(x.shape, elements[0]?.shape ?? [])))
    throw new InternalError("a prefix of elements of several shapes");
  if (!elements.every((x, i) => x.dtype === block.outputs[i]?.dtype))
    throw new InternalError("a prefix that changes dtypes");
  const params: PrefixParams = { consts: consts.length, reverse };
  return applyOp(prefixOp, [...consts, ...elements], params, [block]);
};

/** True where an element of the outputs needs the same element of the inputs only, and scalars. */
export function isElementwise({ inputs, outputs }: Block): boolean {
  const args = new Set(inputs);
  const isScalar = (x: Tensor): boolean => x.rank === 0;
  return (
    toposort(outputs, args).every((apply) => {
      const { lowering, effectful } = recordOf(apply);
      if (effectful === true || apply.blocks.length > 0 || gradientWalls.has(apply.op))
        return false;
      const isLeaf = (x: Tensor): boolean => x.origin.kind !== "apply" && !args.has(x);
      if (apply.inputs.some((x) => isLeaf(x) && !isConstantScalar(x))) return false;
      return (
        lowering.kind === "scalar" || (lowering.kind === "view" && apply.inputs.every(isScalar))
      );
    }) && outputs.every((y) => y.origin.kind === "apply" || args.has(y))
  );
}

/** Their derivatives are no products with what the op would be differentiated by. */
const gradientWalls: ReadonlySet<unknown> = new Set([gradClipOp, gradScaleOp]);

const isConstantScalar = (x: Tensor): boolean => x.origin.kind === "constant" && x.rank === 0;
