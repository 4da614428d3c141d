/** The rewrite passes, in the order they run. Each takes results to equal results that cost less. */
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

export interface Pass {
  readonly name: string;
  /** Results in the same order. */
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

/** Runs the passes in order. */
export function runPasses(
  results: readonly Tensor[],
  list: readonly Pass[],
): { readonly results: readonly Tensor[]; readonly reports: readonly PassReport[] } {
  let now = results;
  const reports: PassReport[] = [];
  for (const pass of list) {
    const given = now;
    now = pass.run(given);
    const changed = now.some((result, i) => result !== given[i]);
    const before = toposort(given).length;
    reports.push({ name: pass.name, before, after: toposort(now).length, changed });
  }
  return { results: now, reports };
}
