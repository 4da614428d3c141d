/** Reverse mode: one walk from the outputs to what is asked for. */
import { GradientError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { GradientContext } from "../graph/op.ts";
import { withSite } from "../graph/site.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";

/** What the walk is told beforehand. */
export interface Walls {
  /** Tensors that are functions of nothing. */
  readonly constants: ReadonlySet<Tensor>;
  /** Cotangents that stand in place of what the walk would find. */
  readonly known: ReadonlyMap<Tensor, Tensor>;
}

const noWalls: Walls = { constants: new Set(), known: new Map() };

/** Cotangents of `wrt` given those of `outputs`; undefined where no path connects them. */
export function pullback(
  context: GradientContext,
  outputs: readonly Tensor[],
  cotangents: readonly (Tensor | undefined)[],
  wrt: readonly Tensor[],
  { constants, known }: Walls = noWalls,
): (Tensor | undefined)[] {
  const order = toposort([...outputs, ...known.keys()]);
  const active = new Set<Tensor>(wrt);
  for (const apply of order)
    if (apply.inputs.some((x) => active.has(x)))
      for (const y of apply.outputs) if (isFloating(y.dtype) && !constants.has(y)) active.add(y);

  const sums = new Map<Tensor, Tensor>();
  const cotangentOf = (tensor: Tensor): Tensor | undefined => known.get(tensor) ?? sums.get(tensor);
  const accumulate = (tensor: Tensor, cotangent: Tensor): void => {
    if (known.has(tensor)) return;
    const old = sums.get(tensor);
    sums.set(tensor, old === undefined ? cotangent : context.add(old, cotangent));
  };
  for (const [i, output] of outputs.entries()) {
    const cotangent = cotangents[i];
    if (cotangent !== undefined && active.has(output)) accumulate(output, cotangent);
  }
  const flows = (y: Tensor): boolean => active.has(y) && isFloating(y.dtype) && !constants.has(y);
  for (const apply of order.toReversed()) {
    const incoming = apply.outputs.map((y) => (flows(y) ? cotangentOf(y) : undefined));
    if (incoming.every((c) => c === undefined)) continue;
    const wanted = apply.inputs.map((x) => active.has(x) && isFloating(x.dtype));
    if (!wanted.includes(true)) continue;
    const { op } = apply;
    if (op.vjp === undefined)
      throw new GradientError("NO_VJP", `op ${op.name} has no gradient rule`, {
        notes: [
          `used at ${apply.site.toString()}`,
          `result: ${apply.outputs.map(describe).join(", ")}`,
        ],
      });
    const site = apply.site.derived("backward");
    const results = withSite(site, () => op.vjp?.(context, apply, incoming, wanted) ?? []);
    for (const [i, input] of apply.inputs.entries()) {
      const cotangent = results[i];
      if (wanted[i] === true && cotangent !== undefined)
        withSite(site, () => accumulate(input, cotangent));
    }
  }
  return wrt.map(cotangentOf);
}
