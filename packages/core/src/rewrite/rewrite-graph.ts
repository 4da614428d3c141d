/** Runs a rule over a graph, inputs before users, and over the blocks inside it. */
import type { Apply, Block } from "../graph/op.ts";
import { rebuild, withParts, type Remake } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

/** What stands in for the results of an application, given its rewritten inputs and blocks; undefined: the application itself. */
export type Rule = (
  apply: Apply,
  inputs: readonly Tensor[],
  uses: Uses,
) => readonly (Tensor | undefined)[] | undefined;

/** Which tensors of the graph in work anybody reads. */
export interface Uses {
  readonly isUsed: (tensor: Tensor) => boolean;
  /** Applications that read the tensor, and true where it is a result of the graph. */
  readonly of: (tensor: Tensor) => readonly (Apply | "result")[];
}

export function usesOf(
  results: readonly Tensor[],
  order: readonly Apply[] = toposort(results),
): Uses {
  const users = new Map<Tensor, (Apply | "result")[]>();
  const note = (tensor: Tensor, user: Apply | "result"): void => {
    const old = users.get(tensor);
    if (old === undefined) users.set(tensor, [user]);
    else old.push(user);
  };
  for (const apply of order) for (const input of apply.inputs) note(input, apply);
  for (const result of results) note(result, "result");
  return { isUsed: (tensor) => users.has(tensor), of: (tensor) => users.get(tensor) ?? [] };
}

/** The results rewritten by `rule`; blocks are rewritten first. */
export function rewriteGraph(results: readonly Tensor[], rule: Rule): Tensor[] {
  const order = toposort(results);
  const uses = usesOf(results, order);
  const remake: Remake = (apply, inputs) => {
    const blocks = apply.blocks.map((block) => rewriteBlock(block, rule));
    const now: Apply = blocks.every((b, i) => b === apply.blocks[i]) ? apply : { ...apply, blocks };
    const made = rule(now, inputs, uses);
    if (made !== undefined)
      return made.map((tensor, i) => tensor ?? apply.outputs[i]).filter((t) => t !== undefined);
    return withParts(apply, inputs, blocks);
  };
  return rebuild(results, new Map(), remake, order);
}

/** The results with the blocks inside rewritten by `level`, which sees the results of one block at a time, inner ones first. */
export function rewriteBlocks(
  results: readonly Tensor[],
  level: (results: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  return rebuild(results, new Map(), (apply, inputs) => {
    const blocks = apply.blocks.map(({ inputs: args, outputs }): Block => ({
      inputs: args,
      outputs: level(outputs),
    }));
    return withParts(apply, inputs, blocks);
  });
}

function rewriteBlock(block: Block, rule: Rule): Block {
  const outputs = rewriteGraph(block.outputs, rule);
  return outputs.every((o, i) => o === block.outputs[i])
    ? block
    : { inputs: block.inputs, outputs };
}
