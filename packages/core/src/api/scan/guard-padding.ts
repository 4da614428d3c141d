/**
 * Keeps padded rows of a masked step finite. An op that is not finite everywhere (a division, a logarithm) reads a safe value in
 * the rows of sequences that are not valid, so that neither it nor its derivative can make NaN or infinity out of padding. In valid
 * rows before the window of a truncated gradient its value counts and its derivative does not: there the cotangent is selected.
 */
import { applyOp, type Apply } from "../../graph/op.ts";
import { freshLike, rebuild } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { fullLike } from "../../ops/constant.ts";
import { where } from "../../ops/logic.ts";
import { recordOf } from "../../ops/record.ts";
import { inlineComposed } from "../../rewrite/inline-blocks.ts";
import { makeScan, scanOp } from "../../ops/scan/scan.ts";
import { scanGroups, type ScanParams } from "../../ops/scan/scan-params.ts";
import {
  besideRows,
  firstAxis,
  followRows,
  scanInputRows,
  wholeBatch,
  type BatchRows,
} from "./batch-rows.ts";
import { cutGradient } from "./padding.ts";

/** The valid rows of a step. */
interface Guard {
  /** `[B]`, or `[]` */
  readonly mask: Tensor;
  /** As the mask: gradients pass through this step; undefined: through all. */
  readonly live: Tensor | undefined;
}

/** The block's outputs with guarded inputs. `perSequence` are the block's inputs that differ between the sequences of a batch, on axis 0. */
export function guardPadding(
  results: readonly Tensor[],
  perSequence: readonly Tensor[],
  guard: Guard,
): readonly Tensor[] {
  const rows = new Map(perSequence.map((x) => [x, guard.mask.rank === 0 ? wholeBatch : firstAxis]));
  return guardRows(inlineComposed(results), rows, guard);
}

function guardRows(
  outputs: readonly Tensor[],
  inputs: ReadonlyMap<Tensor, BatchRows>,
  guard: Guard,
): readonly Tensor[] {
  if (!isUnsafe(outputs)) return outputs;
  const rows = followRows(outputs, inputs);
  return rebuild(outputs, new Map(), (apply, given) => {
    const { safeInputs } = recordOf(apply);
    const guarded = given.map((x, i) => {
      const safe = safeInputs?.[i];
      const from = rows.get(apply.inputs[i] ?? x);
      if (safe === undefined || from === undefined) return x;
      const chosen = where(besideRows(guard.mask, from, x), x, fullLike(x, safe));
      return guard.live === undefined
        ? chosen
        : cutGradient(chosen, besideRows(guard.live, from, x));
    });
    const inner = guardLoop(apply, guarded, guard, rows);
    if (inner !== undefined) return inner;
    return guarded.every((x, i) => x === apply.inputs[i])
      ? apply.outputs
      : applyOp(apply.op, guarded, apply.params, apply.blocks);
  });
}

/** A scan inside the step, with its own steps guarded; undefined where there is nothing to guard. */
function guardLoop(
  apply: Apply,
  inputs: readonly Tensor[],
  guard: Guard,
  rows: ReadonlyMap<Tensor, BatchRows>,
): readonly Tensor[] | undefined {
  const [block] = apply.blocks;
  if (apply.op !== scanOp || block === undefined || !isUnsafe(block.outputs)) return undefined;
  const params = apply.params as ScanParams;
  const masks = [guard.mask, ...(guard.live === undefined ? [] : [guard.live])];
  const [mask = guard.mask, live] = masks.map((row) => freshLike(row));
  const outputs = guardRows(block.outputs, scanInputRows(apply, rows), { mask, live });
  const groups = scanGroups(params, inputs);
  const { final, saved, ys } = makeScan(
    params,
    { ...groups, consts: [...masks, ...groups.consts] },
    { inputs: [mask, ...(live === undefined ? [] : [live]), ...block.inputs], outputs },
  );
  return [...final, ...saved, ...ys];
}

function isUnsafe(outputs: readonly Tensor[]): boolean {
  return toposort(outputs).some(
    (apply) =>
      recordOf(apply).safeInputs !== undefined ||
      apply.blocks.some((block) => isUnsafe(block.outputs)),
  );
}
