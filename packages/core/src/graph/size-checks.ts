/** What a graph asks of the sizes of a call: collected once, tested before anything runs. */
import type { SizeCheck, Tensor } from "./tensor.ts";
import { toposort } from "./walk.ts";

const hasRemedy = ({ hint, hintOfOne }: SizeCheck): boolean =>
  hint !== undefined || hintOfOne !== undefined;

/** Every check of the graph above `stop` and of the blocks inside it, each once: of equal ones the first that has a remedy. */
export function collectChecks(
  results: readonly Tensor[],
  stop: ReadonlySet<Tensor> = new Set(),
): SizeCheck[] {
  const checks = new Map<string, SizeCheck>();
  const pending: (readonly Tensor[])[] = [results];
  for (let outputs = pending.pop(); outputs !== undefined; outputs = pending.pop())
    for (const apply of toposort(outputs, stop)) {
      for (const check of apply.checks) {
        const key = `${check.x.key} ${check.relation} ${check.y.key}`;
        const known = checks.get(key);
        if (known === undefined || (!hasRemedy(known) && hasRemedy(check))) checks.set(key, check);
      }
      for (const block of apply.blocks) pending.push(block.outputs);
    }
  return [...checks.values()];
}
