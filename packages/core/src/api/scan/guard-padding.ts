/**
 * Keeps padded rows of a masked step finite. An op that is not finite everywhere (a division, a logarithm) reads a safe value in
 * the rows of sequences that are not valid, so that neither it nor its derivative can make NaN or infinity out of padding.
 */
import { applyOp, type Apply, type Block } from "../../graph/op.ts";
import { freshLike, rebuild } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { fullLike } from "../../ops/constant.ts";
import { where } from "../../ops/logic.ts";
import { recordOf } from "../../ops/record.ts";
import { makeScan, scanOp } from "../../ops/scan/scan.ts";
import { scanGroups, type ScanParams } from "../../ops/scan/scan-params.ts";
import type { Size } from "../../size/size.ts";
import { beside } from "./padding.ts";

/** The valid rows of a step, and how large the batch is. */
interface Guard {
  /** `[B]` */
  readonly mask: Tensor;
  readonly batch: Size;
}

/** The block's outputs with guarded inputs. `perSequence` are the block's inputs that differ between the sequences of a batch. */
export function guardPadding(
  outputs: readonly Tensor[],
  perSequence: readonly Tensor[],
  guard: Guard,
): Tensor[] {
  const dependent = new Set(perSequence);
  for (const apply of toposort(outputs))
    if (apply.inputs.some((x) => dependent.has(x))) for (const y of apply.outputs) dependent.add(y);
  return rebuild(outputs, new Map(), (apply, inputs) => {
    const { safeInputs } = recordOf(apply);
    const guarded = inputs.map((x, i) => {
      const safe = safeInputs?.[i];
      const before = apply.inputs[i] ?? x;
      const isPerSequence = dependent.has(before) && before.shape[0]?.equals(guard.batch) === true;
      return safe === undefined || !isPerSequence
        ? x
        : where(beside(guard.mask, x), x, fullLike(x, safe));
    });
    const inner = guardLoop(apply, guarded, guard, (x) => dependent.has(x));
    const made =
      inner ??
      (guarded.every((x, i) => x === apply.inputs[i])
        ? apply.outputs
        : applyOp(apply.op, guarded, apply.params, apply.blocks));
    return made;
  });
}

/** A scan inside the step, with its own steps guarded; undefined where there is nothing to guard. */
function guardLoop(
  apply: Apply,
  inputs: readonly Tensor[],
  guard: Guard,
  isDependent: (x: Tensor) => boolean,
): readonly Tensor[] | undefined {
  const [block] = apply.blocks;
  if (apply.op !== scanOp || block === undefined || !hasUnsafe(block)) return undefined;
  const params = apply.params as ScanParams;
  const mask = freshLike(guard.mask);
  const perSequence = block.inputs.filter((_, i) => {
    const outer = apply.inputs[i];
    return outer !== undefined && isDependent(outer);
  });
  const outputs = guardPadding(block.outputs, perSequence, { ...guard, mask });
  const groups = scanGroups(params, inputs);
  const { final, saved, ys } = makeScan(
    params,
    { ...groups, consts: [guard.mask, ...groups.consts] },
    { inputs: [mask, ...block.inputs], outputs },
  );
  return [...final, ...saved, ...ys];
}

function hasUnsafe(block: Block): boolean {
  return toposort(block.outputs).some(
    (apply) => recordOf(apply).safeInputs !== undefined || apply.blocks.some(hasUnsafe),
  );
}
