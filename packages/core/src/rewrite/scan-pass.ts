/** Passes that rewrite one scan at a time. */
import type { Tensor } from "../graph/tensor.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph, type Uses } from "./rewrite-graph.ts";
import { isScan, openScan, resultsOf, type ScanDraft } from "./scan-draft.ts";

/** `rewrite` says what stands for the results of a scan, undefined: the scan itself. Rows stay in scans that gradients run again. */
export function scanPass(
  name: string,
  rewrite: (draft: ScanDraft, uses: Uses) => ReadonlyMap<Tensor, Tensor> | undefined,
): Pass {
  return {
    name,
    loopsOnly: true,
    run: (results) =>
      rewriteGraph(results, (apply, inputs, uses) => {
        if (!isScan(apply) || apply.params.checkpoint === true) return undefined;
        const replaced = rewrite(openScan(apply, inputs), uses);
        return replaced === undefined ? undefined : resultsOf(apply, replaced);
      }),
  };
}
