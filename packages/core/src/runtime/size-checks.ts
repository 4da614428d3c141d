/** What a graph asks of the sizes of a call: collected once, tested before anything runs. */
import type { SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

/** Every check of the graph and of the blocks inside it, each once. */
export function collectChecks(results: readonly Tensor[]): SizeCheck[] {
  const checks = new Map<string, SizeCheck>();
  const pending: (readonly Tensor[])[] = [results];
  for (let outputs = pending.pop(); outputs !== undefined; outputs = pending.pop())
    for (const apply of toposort(outputs)) {
      for (const check of apply.checks)
        checks.set(`${check.x.key} ${check.relation} ${check.y.key}`, check);
      for (const block of apply.blocks) pending.push(block.outputs);
    }
  return [...checks.values()];
}
