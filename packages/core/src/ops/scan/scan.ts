/**
 * scan: a loop as one node. (consts, initial carries, xs) -> (final carries, saved carries, ys).
 *
 * Step t of T sees the consts, the carries as step t-1 left them and row t of every xs; it gives new carries and one row of
 * every ys. `saved` row t is the carry that ENTERS step t. With `reverse` the steps run from T-1 down to 0, and rows keep their
 * places. Its gradient is a scan in the other direction (`scan-gradient.ts`). Taps, masks, updates are translated into this by the api.
 */
import { InternalError, ShapeError } from "../../errors/errors.ts";
import { NDArray, elementCount } from "../../graph/ndarray.ts";
import { allocate } from "../../graph/dtype.ts";
import {
  applyOp,
  type Apply,
  type Block,
  type Inferred,
  type ReferenceContext,
  type SizeCheck,
} from "../../graph/op.ts";
import { describe, printType, type Tensor, type TensorType } from "../../graph/tensor.ts";
import { constantSize, type Size } from "../../size/size.ts";
import { defineRecord } from "../record.ts";
import { rowAt, setRow } from "./rows.ts";
import { scanVjp } from "./scan-gradient.ts";
import { scanJvp } from "./scan-jvp.ts";
import {
  scanBlock,
  scanGroups,
  scanLabel,
  scanResults,
  type MakeScan,
  type ScanParams,
} from "./scan-params.ts";

function infer(inputs: readonly Tensor[], params: ScanParams, blocks: readonly Block[]): Inferred {
  const block = scanBlock({ blocks });
  const label = scanLabel(params.name);
  const groups = scanGroups(params, inputs);
  for (const x of groups.xs)
    if (x.shape[0]?.equals(params.length) !== true)
      throw new InternalError(
        `${label}: ${describe(x)} ${printType(x.type)} is not cut to ${params.length.toString()} steps`,
      );
  const rows = (type: TensorType): TensorType => ({
    dtype: type.dtype,
    shape: [params.length, ...type.shape],
  });
  const carryTypes = groups.carries.map((initial, i) => {
    const leaves = block.outputs[i];
    if (
      leaves === undefined ||
      leaves.dtype !== initial.dtype ||
      leaves.rank !== initial.rank ||
      leaves.shape.some((d, axis) => d.key !== initial.shape[axis]?.key)
    )
      throw new ShapeError(
        "SCAN_CARRY",
        `${label}: state ${i} ${describe(initial)} enters a step as ${printType(initial.type)} and leaves it as ${leaves === undefined ? "nothing" : printType(leaves.type)}`,
      );
    return initial.type;
  });
  const ys = block.outputs.slice(params.carries).map((y) => rows(y.type));
  return {
    types: [...carryTypes, ...carryTypes.map(rows), ...ys],
    checks: [...(params.checks ?? []), ...lengthChecks(label, params.length)],
  };
}

/** A difference of sizes may turn out negative at the call. */
function lengthChecks(label: string, length: Size): SizeCheck[] {
  if (length.terms.every((term) => term.coef >= 0)) return [];
  return [
    {
      x: length,
      relation: "atLeast",
      y: constantSize(0),
      message: `${label}: the number of steps (${length.toString()}) is negative`,
    },
  ];
}

function reference(
  inputs: readonly NDArray[],
  params: ScanParams,
  context: ReferenceContext,
  blocks: readonly Block[],
): NDArray[] {
  const block = scanBlock({ blocks });
  const { consts, carries, xs } = scanGroups(params, inputs);
  const steps = context.size(params.length);
  const histories = context.types.slice(params.carries).map((type) => {
    const shape = type.shape.map(context.size);
    return new NDArray(type.dtype, shape, allocate(type.dtype, elementCount(shape)));
  });
  const saved = histories.slice(0, params.carries);
  const ys = histories.slice(params.carries);
  let state: readonly NDArray[] = carries;
  for (let i = 0; i < steps; i++) {
    const t = params.reverse ? steps - 1 - i : i;
    for (const [j, history] of saved.entries()) setRow(history, t, state[j]);
    const results = context.block(block, [...consts, ...state, ...xs.map((x) => rowAt(x, t))], t);
    state = results.slice(0, params.carries);
    for (const [j, y] of ys.entries()) setRow(y, t, results[params.carries + j]);
  }
  return [...state, ...histories];
}

/** The scan op. */
export const scanOp = defineRecord<ScanParams>({
  name: "scan",
  infer,
  reference,
  vjp: (context, apply, cotangents, wanted) =>
    scanVjp(context, apply, cotangents, wanted, makeScan),
  jvp: (context, apply, tangents) => scanJvp(context, apply, tangents, makeScan),
  lowering: { kind: "loop" },
  cost: "expensive",
});

const resultNames = (params: ScanParams, names: Parameters<MakeScan>[3]): (string | undefined)[] =>
  names === undefined
    ? []
    : [
        ...Array.from({ length: params.carries }, (_, i) => names.final[i]),
        ...Array.from({ length: params.carries }, () => undefined),
        ...names.ys,
      ];

/** Applies scan and groups its results. */
export const makeScan: MakeScan = (params, inputs, block, names) => {
  const full: ScanParams = {
    ...params,
    consts: inputs.consts.length,
    carries: inputs.carries.length,
    xs: inputs.xs.length,
  };
  const outputs = applyOp(
    scanOp,
    [...inputs.consts, ...inputs.carries, ...inputs.xs],
    full,
    [block],
    resultNames(full, names),
  );
  const [first] = outputs;
  if (first?.origin.kind !== "apply") throw new InternalError("a scan without results");
  return { ...scanResults(full, outputs), apply: first.origin.apply as Apply<ScanParams> };
};
