/** Prefix combinations: one kernel, whose combination is a scalar expression over both sides. */
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { readVar, scalarVar } from "../loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar, zeroIndex } from "../loop-ir/index-expr.ts";
import type { Expr, PrefixPart } from "../loop-ir/types.ts";
import { InternalError } from "../errors/errors.ts";
import { onlyBlock } from "../ops/block-op.ts";
import type { PrefixParams } from "../ops/prefix/prefix-params.ts";
import { scalarTypeOf } from "../ops/record.ts";
import { sizeAt } from "../ops/shape.ts";
import { subSizes } from "../size/size.ts";
import { nest, type Axis } from "./collapse.ts";
import { tensorLabel } from "./program-builder.ts";
import { Puller } from "./pull.ts";
import { inputOf, type Region } from "./region.ts";
import { elementIndex } from "./view.ts";

export function lowerPrefix(region: Region, apply: Apply): void {
  const { consts, reverse } = apply.params as PrefixParams;
  const block = onlyBlock(apply.op.name, apply.blocks);
  const elements = apply.inputs.slice(consts);
  const count = elements.length;
  const [first] = elements;
  if (first === undefined) throw new InternalError("a prefix of nothing");
  const extent = sizeAt(first, 0);
  const t = indexVar("t");
  const row = reverse ? addIndexes(constantIndex(subSizes(extent, 1)), indexOf(t, -1)) : indexOf(t);
  const axes = first.shape
    .slice(1)
    .map((size, axis): Axis => ({ var: indexVar(`i${axis + 1}`), extent: size }));
  const at = [
    row,
    ...axes.map((axis) => (axis.extent.constant === 1 ? zeroIndex : indexOf(axis.var))),
  ];

  const [left, right] = ["left", "right"].map((name) =>
    elements.map(({ dtype }) => scalarVar(name, scalarTypeOf[dtype])),
  );
  const puller = region.puller();
  const bound = new Map<Tensor, Expr>(
    block.inputs.map((input, i) => {
      if (i < consts) return [input, puller.element(inputOf(apply, i), [])] as const;
      const v = (i < consts + count ? left : right)?.[(i - consts) % count];
      if (v === undefined) throw new InternalError(`a prefix has no part ${i}`);
      return [input, readVar(v)] as const;
    }),
  );
  const combiner = new Puller({ stored: (tensor) => bound.get(tensor) });
  const parts = elements.map((x, i): PrefixPart => {
    const [l, r, output, made] = [left?.[i], right?.[i], apply.outputs[i], block.outputs[i]];
    if (l === undefined || r === undefined || output === undefined || made === undefined)
      throw new InternalError(`a prefix has no part ${i}`);
    const places = region.isUsed(output) ? region.destinationsOf(output) : [];
    return {
      value: puller.element(x, at),
      left: l,
      right: r,
      combined: combiner.element(
        made,
        made.shape.map(() => zeroIndex),
      ),
      into: places.map((view) => ({ buffer: view.buffer, index: elementIndex(view, at) })),
    };
  });
  const used = apply.outputs.filter((output) => region.isUsed(output));
  const kept = axes.filter(({ extent: size }) => size.constant !== 1);
  region.kernel(
    used.map(tensorLabel).slice(0, 3).join("_"),
    nest(kept, [{ kind: "prefix", index: t, extent, parts }]),
  );
  for (const output of used) {
    const [place] = region.destinationsOf(output);
    if (place === undefined) throw new InternalError("a prefix without a place");
    region.bindView(output, place);
  }
}
