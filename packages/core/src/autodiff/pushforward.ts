/** Forward mode: the same walk in the other direction. */
import { GradientError } from "../errors/errors.ts";
import type { GradientContext } from "../graph/op.ts";
import { withSite } from "../graph/site.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

/** Tangents of `outputs` given those of `wrt`; undefined where zero. */
export function pushforward(
  context: GradientContext,
  outputs: readonly Tensor[],
  wrt: readonly Tensor[],
  tangents: readonly (Tensor | undefined)[],
): (Tensor | undefined)[] {
  const known = new Map<Tensor, Tensor>();
  for (const [i, tensor] of wrt.entries()) {
    const tangent = tangents[i];
    if (tangent !== undefined) known.set(tensor, tangent);
  }
  for (const apply of toposort(outputs, new Set(wrt))) {
    const incoming = apply.inputs.map((x) => known.get(x));
    if (incoming.every((t) => t === undefined)) continue;
    const { op } = apply;
    if (op.jvp === undefined)
      throw new GradientError("NO_JVP", `op ${op.name} has no forward derivative rule`, {
        notes: [`used at ${apply.site.toString()}`],
      });
    const results = withSite(
      apply.site.derived("tangent"),
      () => op.jvp?.(context, apply, incoming) ?? [],
    );
    for (const [i, output] of apply.outputs.entries()) {
      const tangent = results[i];
      if (tangent !== undefined) known.set(output, tangent);
    }
  }
  return outputs.map((tensor) => known.get(tensor));
}
