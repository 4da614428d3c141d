/** Replays do nothing besides: what an op says or counts, it says where it was written. */
import type { Apply, Block } from "../../graph/op.ts";
import { rebuild, withParts } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { recordOf } from "../record.ts";

/** The outputs, with the effectful ones among `replayed`, and those inside their loops, as the identity that they are. */
export function silenced(
  outputs: readonly Tensor[],
  replayed: ReadonlySet<Apply>,
): readonly Tensor[] {
  if (![...replayed].some(isLoud)) return outputs;
  return rebuild(outputs, new Map(), (apply, inputs) => {
    const isReplayed = replayed.has(apply);
    if (isReplayed && recordOf(apply).effectful === true) return inputs.slice(0, 1);
    const blocks = isReplayed ? apply.blocks.map(silencedBlock) : apply.blocks;
    return withParts(apply, inputs, blocks);
  });
}

function silencedBlock(block: Block): Block {
  const outputs = silenced(block.outputs, new Set(toposort(block.outputs)));
  return outputs === block.outputs ? block : { ...block, outputs };
}

function isLoud(apply: Apply): boolean {
  return (
    recordOf(apply).effectful === true ||
    apply.blocks.some((block) => toposort(block.outputs).some(isLoud))
  );
}
