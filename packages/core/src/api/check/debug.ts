/** `check: "debug"`: every node of a call against the reference evaluation of its op, and values that ops accept but nobody means. */
import { NumericError } from "../../errors/errors.ts";
import { isFloating } from "../../graph/dtype.ts";
import { evaluateGraph, type LoopStep } from "../../graph/evaluate.ts";
import type { NDArray } from "../../graph/ndarray.ts";
import type { Apply } from "../../graph/op.ts";
import { elementAt } from "../../graph/positions.ts";
import { describe, type Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { recordOf } from "../../ops/record.ts";
import { scanLabel, type ScanParams } from "../../ops/scan/scan-params.ts";
import type { Call } from "./nan.ts";

/** Errors that rounding explains, as a part of the greatest value beside: a long sum loses more than an element. */
const tolerance = { float64: 1e-9, float32: 1e-3, int32: 0, bool: 0 } as const;

/** Every tensor that a graph computes on the way to its results. */
export function comparedNodes(results: readonly Tensor[]): Tensor[] {
  return toposort(results).flatMap((apply) => apply.outputs);
}

/**
 * `call.values` are those of the nodes.
 * @throws NumericError NODE_DIFFERS, MISUSE
 */
export function refuseWrongNodes(nodes: readonly Tensor[], call: Call): void {
  const values = new Map(call.given);
  for (const [i, node] of nodes.entries()) {
    const value = call.values[i];
    if (value !== undefined) values.set(node, value);
  }
  for (const apply of toposort(nodes)) {
    const known = new Map<Tensor, NDArray>();
    for (const input of apply.inputs) {
      const value = values.get(input);
      if (value !== undefined) known.set(input, value);
    }
    const expected = evaluateGraph(apply.outputs, known, call.sizes, {
      apply: (inner, inputs, steps) => refuseMisuse(call.label, inner, inputs, steps),
    });
    for (const [i, output] of apply.outputs.entries()) {
      const [value, wanted] = [values.get(output), expected[i]];
      if (value !== undefined && wanted !== undefined)
        refuseDifference(call.label, output, value, wanted);
    }
  }
}

function refuseMisuse(
  label: string,
  apply: Apply,
  inputs: readonly NDArray[],
  steps: readonly LoopStep[],
): void {
  const problem = recordOf(apply).misuse?.(inputs);
  if (problem === undefined) return;
  const where = steps.map(({ loop, row }) => {
    const { name } = loop.params as ScanParams;
    return `in step ${row} of ${scanLabel(name)} at ${loop.site.toString()}`;
  });
  throw new NumericError("MISUSE", `${label}: ${apply.op.name} ${problem}`, {
    notes: [
      `computed at ${apply.site.toString()} from ${apply.inputs.map(describe).join(" and ")}`,
      ...where.reverse(),
    ],
    hint: "choose another value there before the op: where(isGood, x, 1)",
  });
}

function refuseDifference(label: string, node: Tensor, value: NDArray, wanted: NDArray): void {
  let greatest = isFloating(node.dtype) ? 1 : 0;
  for (const x of wanted.data) if (Number.isFinite(x)) greatest = Math.max(greatest, Math.abs(x));
  const allowed = tolerance[node.dtype] * greatest;
  const differs = (x: number, y: number): boolean =>
    Number.isNaN(x) !== Number.isNaN(y) || (x !== y && Math.abs(x - y) > allowed);
  for (const [flat, x] of value.data.entries()) {
    const y = wanted.data[flat] ?? NaN;
    if (!differs(x, y)) continue;
    throw new NumericError("NODE_DIFFERS", `${label}: ${describe(node)} is computed wrongly`, {
      notes: [
        `element [${elementAt(value.shape, flat).join(", ")}] is ${x}, by the reference of its op ${y}`,
        `made at ${node.site.toString()}`,
      ],
      hint: 'this is a defect of scan-train, unless values overflow: compile with optimize: "none" and report the graph',
    });
  }
}
