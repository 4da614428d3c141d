/** The rewrite passes, in the order they run. Each takes results to equal results that cost less. */
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

export interface Pass {
  readonly name: string;
  /** True when it changes nothing where no loop is. */
  readonly loopsOnly?: true;
  /** Results in the same order. The same results give the same. */
  readonly run: (results: readonly Tensor[]) => Tensor[];
}

/** What a pass did, for `explain()`. */
export interface PassReport {
  readonly name: string;
  /** Applications. */
  readonly before: number;
  readonly after: number;
  /** Whether the results are other tensors than before; their number may be the same. */
  readonly changed: boolean;
}

/** Runs the passes in order; one that cannot change anything is not run. */
export function runPasses(
  results: readonly Tensor[],
  list: readonly Pass[],
): { readonly results: readonly Tensor[]; readonly reports: readonly PassReport[] } {
  let now = results;
  let order = toposort(now);
  const reports: PassReport[] = [];
  const unchangedBy = new Set<Pass>();
  for (const pass of list) {
    const before = order.length;
    const isIdle =
      unchangedBy.has(pass) ||
      (pass.loopsOnly === true && order.every(({ blocks }) => blocks.length === 0));
    const made = isIdle ? now : pass.run(now);
    const changed = made.some((result, i) => result !== now[i]);
    if (changed) {
      unchangedBy.clear();
      now = made;
      order = toposort(now);
    } else unchangedBy.add(pass);
    reports.push({ name: pass.name, before, after: order.length, changed });
  }
  return { results: now, reports };
}
