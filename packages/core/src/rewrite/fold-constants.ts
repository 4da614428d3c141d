/** Elementwise work on constant scalars is done now, with the very functions that kernels use. Views of constants stay views. */
import { generate } from "../graph/ndarray.ts";
import { withSite } from "../graph/site.ts";
import { Tensor } from "../graph/tensor.ts";
import { literal } from "../loop-ir/build.ts";
import { evaluateConstant } from "../loop-ir/scalar-function.ts";
import { recordOf, scalarTypeOf } from "../ops/record.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph } from "./rewrite-graph.ts";

export const foldConstants: Pass = {
  name: "fold constants",
  run: (results) =>
    rewriteGraph(results, (apply, inputs) => {
      const { lowering } = recordOf(apply);
      const [output] = apply.outputs;
      if (lowering.kind !== "scalar" || output === undefined || output.rank !== 0) return undefined;
      const values = inputs.map(scalarValue);
      if (values.includes(undefined)) return undefined;
      const literals = inputs.map((x, i) => literal(scalarTypeOf[x.dtype], values[i] ?? 0));
      const value = generate(output.dtype, [], () =>
        evaluateConstant(lowering.scalar(literals, apply)),
      );
      return [withSite(output.site, () => new Tensor(output.type, { kind: "constant", value }))];
    }),
};

function scalarValue(tensor: Tensor): number | undefined {
  return tensor.origin.kind === "constant" && tensor.rank === 0
    ? tensor.origin.value.item()
    : undefined;
}
