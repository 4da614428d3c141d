/** Ops that hold their computation as a block give way to it. Not optional: lowering knows no such op. */
import type { Tensor } from "../graph/tensor.ts";
import { inlineBlock } from "../graph/rebuild.ts";
import { toposort } from "../graph/walk.ts";
import type { Apply, Block } from "../graph/op.ts";
import { onlyBlock } from "../ops/block-op.ts";
import { recordOf } from "../ops/record.ts";
import { rewriteGraph } from "./rewrite-graph.ts";

/** The results with blocks in place of such ops, also inside steps of scans. Of alternatives `numerics` says which. */
export function inlineBlocks(
  results: readonly Tensor[],
  numerics: "portable" | "fast" = "portable",
): readonly Tensor[] {
  return inlineWhere(
    results,
    (apply) => recordOf(apply).lowering.kind === "block",
    (blocks) => (numerics === "fast" ? blocks.slice(-1) : blocks),
  );
}

/** The same for ops without derivatives of their own: nothing of them is lost, and what looks at ops sees those they are made of. */
export function inlineComposed(results: readonly Tensor[]): readonly Tensor[] {
  return inlineWhere(results, (apply) => {
    const { lowering } = recordOf(apply);
    return lowering.kind === "block" && !lowering.hasRules;
  });
}

function inlineWhere(
  results: readonly Tensor[],
  holds: (apply: Apply) => boolean,
  choose: (blocks: readonly Block[]) => readonly Block[] = (blocks) => blocks,
): readonly Tensor[] {
  if (!occurs(results, holds)) return results;
  return rewriteGraph(results, (apply, inputs) =>
    holds(apply) ? inlineBlock(onlyBlock(apply.op.name, choose(apply.blocks)), inputs) : undefined,
  );
}

function occurs(results: readonly Tensor[], holds: (apply: Apply) => boolean): boolean {
  return toposort(results).some(
    (apply) => holds(apply) || apply.blocks.some(({ outputs }) => occurs(outputs, holds)),
  );
}
