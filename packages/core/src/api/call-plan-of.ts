/** What calls of a compiled graph need besides its program: checks of sizes, and sizes that are values. */
import { collectChecks } from "../graph/size-checks.ts";
import type { Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import type { Prepared } from "../runtime/build.ts";
import type { CallPlan, SizeSource } from "../runtime/call-plan.ts";
import { sizeSymbols, type SizeSymbol } from "../size/size.ts";
import type { NamedGraph } from "./compile-graph.ts";
import { sourcesOf } from "./size-sources.ts";
import { symbolsOf } from "./symbols-of.ts";

/** [symbol key, scalar to evaluate at each call], in the order in which they can be computed. */
export function sizeSourcesOf(built: Prepared): (readonly [string, Tensor])[] {
  const symbols = new Map<string, SizeSymbol>();
  for (const size of built.plan.sizes) sizeSymbols(size, symbols);
  for (const array of [...built.plan.inputs, ...built.plan.outputs])
    for (const size of array.shape) sizeSymbols(size, symbols);
  for (const slot of built.plan.slots)
    for (const tenant of slot.buffers) sizeSymbols(tenant.bytes, symbols);
  return [...sourcesOf(symbols.values())];
}

/** What calls of a graph need; `compileCounter` makes what computes a size that is the number of steps of a loop. */
export async function callPlanOf<G>(
  label: string,
  built: Prepared,
  graph: NamedGraph,
  verify: CallPlan<G>["verify"],
  compileCounter: (counter: NamedGraph) => Promise<G>,
): Promise<CallPlan<G>> {
  const results = [...graph.outputs.map(([, t]) => t), ...graph.updates.map(([, value]) => value)];
  const sizeSources: SizeSource<G>[] = [];
  for (const [key, source] of sizeSourcesOf(built)) {
    const isLoop = toposort([source]).some(({ blocks }) => blocks.length > 0);
    const counter = isLoop ? counterOf(graph, source) : undefined;
    const program = counter && {
      inputs: counter.inputs.map(([, tensor]) => tensor),
      graph: await compileCounter(counter),
    };
    sizeSources.push({ key, source, program });
  }
  const checks = [...collectChecks(results), ...graph.checks];
  return { label, inputs: graph.inputs, checks, sizeSources, verify };
}

/** The graph that computes a size, with those of the inputs that it needs. */
function counterOf({ inputs }: NamedGraph, source: Tensor): NamedGraph {
  const symbols = symbolsOf([source]);
  const needed = [source, ...sourcesOf(symbols).values()];
  const leaves = new Set(leavesOf(needed));
  const keys = new Set(symbolsOf(needed).map(({ key }) => key));
  return {
    inputs: inputs.filter(
      ([, tensor]) => leaves.has(tensor) || tensor.shape.some((size) => keys.has(size.key)),
    ),
    outputs: [["steps", source]],
    updates: [],
    checks: [],
  };
}
