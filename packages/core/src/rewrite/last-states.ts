/** The last row of a state's rows is its final value: a loop that is read at its end only keeps no history. */
import { applyOne, ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { insertAxes } from "../ops/dimshuffle.ts";
import { scanBlock, scanResults } from "../ops/scan/scan-params.ts";
import { sliceOp, type SliceParams } from "../ops/slice.ts";
import { constantSize, subSizes } from "../size/size.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph } from "./rewrite-graph.ts";
import { isScan } from "./scan-draft.ts";

export const readLastStates: Pass = {
  name: "read last states",
  loopsOnly: true,
  run: (results) =>
    rewriteGraph(results, (apply, [rows]) => {
      if (apply.op !== sliceOp || rows === undefined) return undefined;
      const { axes } = apply.params as SliceParams;
      const [first, ...rest] = axes;
      const final = first === undefined ? undefined : lastOf(rows, first);
      if (final === undefined) return undefined;
      const row = insertAxes(final, [0]);
      const isWhole = rest.every(
        ({ start, step, length }, i) =>
          step === 1 && start.constant === 0 && length.equals(final.shape[i] ?? length),
      );
      const only = { start: constantSize(0), step: 1, length: constantSize(1) };
      return [isWhole ? row : applyOne(sliceOp, [row], { axes: [only, ...rest] })];
    }),
};

/** The final value of the state whose rows these are, where the slice is the row that the last step gave. */
function lastOf(rows: Tensor, { start, length }: SliceParams["axes"][number]): Tensor | undefined {
  const scan = ownerOf(rows);
  if (scan === undefined || !isScan(scan) || length.constant !== 1) return undefined;
  const { params } = scan;
  const last = params.reverse ? constantSize(0) : subSizes(params.length, 1);
  if (!start.equals(last)) return undefined;
  const { final, ys } = scanResults(params, scan.outputs);
  const { outputs } = scanBlock(scan);
  const y = ys.indexOf(rows);
  const state = outputs.slice(0, params.carries).indexOf(outputs[params.carries + y] ?? rows);
  return y < 0 || state < 0 ? undefined : final[state];
}
