/** Applications that compute the same become one, also inside blocks. */
import { applyOp, type Apply, type Block } from "../graph/op.ts";
import { rebuild } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { recordOf } from "../ops/record.ts";
import type { Pass } from "./pipeline.ts";
import { ValueNumbers } from "./value-numbers.ts";

export const merge: Pass = {
  name: "merge equal applications",
  run: (results) => mergeIn(results),
};

function mergeIn(results: readonly Tensor[]): Tensor[] {
  const numbers = new ValueNumbers();
  const known = new Map<string, readonly Tensor[]>();
  return rebuild(results, new Map(), (apply, inputs) => {
    const blocks = apply.blocks.map(mergeBlock);
    const changed =
      blocks.some((b, i) => b !== apply.blocks[i]) || inputs.some((x, i) => x !== apply.inputs[i]);
    const now: Apply = { ...apply, blocks, inputs };
    if (recordOf(apply).effectful === true)
      return changed ? applyOp(apply.op, inputs, apply.params, blocks) : apply.outputs;
    const key = numbers.ofApply(now, inputs);
    const old = known.get(key);
    if (old !== undefined) return old;
    const made = changed
      ? applyOp(
          apply.op,
          inputs,
          apply.params,
          blocks,
          apply.outputs.map((o) => o.name),
        )
      : apply.outputs;
    known.set(key, made);
    for (const [i, output] of made.entries()) numbers.set(output, `a${known.size}.${i}`);
    return made;
  });
}

function mergeBlock(block: Block): Block {
  const outputs = mergeIn(block.outputs);
  return outputs.every((o, i) => o === block.outputs[i])
    ? block
    : { inputs: block.inputs, outputs };
}
