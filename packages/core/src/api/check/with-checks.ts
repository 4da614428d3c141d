/** The option `check` of compile: what is computed besides, and what is looked at after each call. */
import type { NDArray } from "../../graph/ndarray.ts";
import { describe } from "../../graph/tensor.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { CallPlan } from "../../runtime/call-plan.ts";
import type { NamedGraph } from "../compile-graph.ts";
import { refuseWrongNodes, comparedNodes } from "./debug.ts";
import { refuseNaN, type Call, type Result } from "./nan.ts";

interface Checked {
  /** The graph with more outputs behind its own. */
  readonly graph: NamedGraph;
  readonly verify?: CallPlan<unknown>["verify"];
}

export function withChecks(
  label: string,
  graph: NamedGraph,
  check: "none" | "nan" | "debug",
): Checked {
  if (check === "none") return { graph };
  const results: Result[] = [
    ...graph.outputs.map(([name, tensor]): Result => [`output "${name}"`, tensor]),
    ...graph.updates.map(([target, value]): Result => [
      `the new value of ${describe(target)}`,
      value,
    ]),
  ];
  const nodes = check === "debug" ? comparedNodes(results.map(([, tensor]) => tensor)) : [];
  const all = [...results.map(([, tensor]) => tensor), ...nodes];
  const more = all.slice(graph.outputs.length);
  return {
    graph: {
      ...graph,
      outputs: [...graph.outputs, ...more.map((tensor, i) => [`checked ${i}`, tensor] as const)],
    },
    verify(values, sizes, computed) {
      const given = new Map<Tensor, NDArray>();
      for (const [i, [, tensor]] of graph.inputs.entries()) {
        const value = values[i];
        if (value !== undefined) given.set(tensor, value);
      }
      const call: Call = { label, given, sizes, values: computed };
      refuseNaN(results, call);
      if (check === "debug")
        refuseWrongNodes(nodes, { ...call, values: computed.slice(results.length) });
    },
  };
}
