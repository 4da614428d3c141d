/**
 * A loop that ends when a condition becomes true: (consts, initial carries, xs) -> final carries.
 *
 * Its block gives the carries as a step leaves them, then a bool scalar: the loop ends after the step in which it is true, at the
 * latest after `length` steps. It counts the steps of scans with `until`; the scan itself then runs that many. It has no derivative:
 * only integers are read from it.
 */
import { InternalError } from "../../errors/errors.ts";
import { applyOp, type Block } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { defineRecord } from "../record.ts";
import { scanBlock, scanGroups, type ScanParams } from "./scan-params.ts";
import { rowAt } from "./rows.ts";

export const loopUntilOp = defineRecord<ScanParams>({
  name: "loopUntil",
  infer(inputs, params, blocks) {
    const block = scanBlock({ blocks });
    const { carries } = scanGroups(params, inputs);
    const stop = block.outputs[params.carries];
    if (stop?.dtype !== "bool" || stop.rank !== 0)
      throw new InternalError("the condition of a loop is not a bool scalar");
    return { types: carries.map((carry) => carry.type), checks: params.checks ?? [] };
  },
  reference(inputs, params, context, blocks) {
    const block = scanBlock({ blocks });
    const { consts, carries, xs } = scanGroups(params, inputs);
    const steps = context.size(params.length);
    let state = [...carries];
    for (let t = 0; t < steps; t++) {
      const results = context.block(block, [...consts, ...state, ...xs.map((x) => rowAt(x, t))], t);
      state = results.slice(0, params.carries);
      if (results[params.carries]?.item() === 1) break;
    }
    return state;
  },
  vjp: (_context, apply) => apply.inputs.map(() => undefined),
  jvp: (_context, apply) => apply.outputs.map(() => undefined),
  lowering: { kind: "loop" },
  cost: "expensive",
});

/** The carries after the loop. */
export function loopUntil(
  params: Pick<ScanParams, "name" | "length" | "checks">,
  inputs: {
    readonly consts: readonly Tensor[];
    readonly carries: readonly Tensor[];
    readonly xs: readonly Tensor[];
  },
  block: Block,
): readonly Tensor[] {
  const full: ScanParams = {
    ...params,
    reverse: false,
    truncate: undefined,
    shifts: [],
    consts: inputs.consts.length,
    carries: inputs.carries.length,
    xs: inputs.xs.length,
  };
  return applyOp(loopUntilOp, [...inputs.consts, ...inputs.carries, ...inputs.xs], full, [block]);
}
