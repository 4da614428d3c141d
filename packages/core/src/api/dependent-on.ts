/** The part of a graph that changes with one tensor, as a closed piece. */
import { freshLike, rebuild } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import type { Captured } from "./scan/capture.ts";

/** What depends on `input`, closed: the rest becomes fresh inputs, but for what is made of constants alone. */
export function dependentOn(input: Tensor, results: readonly Tensor[]): Captured {
  const changing = new Set<Tensor>([input]);
  const fixed = new Set<Tensor>();
  const isFixed = (x: Tensor): boolean => x.origin.kind === "constant" || fixed.has(x);
  const outer = new Set<Tensor>();
  for (const { inputs, outputs, blocks } of toposort(results)) {
    const changes = inputs.some((x) => changing.has(x));
    if (changes) for (const x of inputs) if (!changing.has(x) && !isFixed(x)) outer.add(x);
    const known = blocks.length === 0 && inputs.every(isFixed);
    if (changes || known) for (const y of outputs) (changes ? changing : fixed).add(y);
  }
  for (const x of results) if (!changing.has(x) && !isFixed(x)) outer.add(x);
  const list = [...outer];
  const inputs = list.map((x) => freshLike(x));
  const standIns = new Map(list.map((x, i): [Tensor, Tensor] => [x, inputs[i] ?? x]));
  return { outputs: rebuild(results, standIns), outer: list, inputs };
}
