/**
 * Keeps padded rows of a masked step finite. An op that is not finite everywhere (a division, a logarithm) reads a safe value in
 * the rows of sequences that are not valid, so that neither it nor its derivative can make NaN or infinity out of padding. In valid
 * rows before the window of a truncated gradient its value counts and its derivative does not: there the cotangent is selected.
 */
import { applyOp, type Apply, type Block } from "../../graph/op.ts";
import { freshLike, rebuild } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { fullLike } from "../../ops/constant.ts";
import { where } from "../../ops/logic.ts";
import { recordOf } from "../../ops/record.ts";
import { inlineComposed } from "../../rewrite/inline-blocks.ts";
import { makeScan, scanOp } from "../../ops/scan/scan.ts";
import { scanGroups, type ScanParams } from "../../ops/scan/scan-params.ts";
import { beside, cutGradient } from "./padding.ts";

/** The valid rows of a step, and how large the batch is. */
interface Guard {
  /** `[B]`, or `[]` */
  readonly mask: Tensor;
  /** `[B]`: gradients pass through this step; undefined: through all. */
  readonly live: Tensor | undefined;
  /** Keys of its size, under all its names; undefined where the mask is one for the whole step. */
  readonly batch: ReadonlySet<string> | undefined;
}

/** The block's outputs with guarded inputs. `perSequence` are the block's inputs that differ between the sequences of a batch. */
export function guardPadding(
  results: readonly Tensor[],
  perSequence: readonly Tensor[],
  guard: Guard,
): Tensor[] {
  const outputs = inlineComposed(results);
  const dependent = new Set(perSequence);
  const order = toposort(outputs);
  const batch = guard.batch === undefined ? undefined : withEqualSizes(guard.batch, order);
  for (const apply of order)
    if (apply.inputs.some((x) => dependent.has(x))) for (const y of apply.outputs) dependent.add(y);
  return rebuild(outputs, new Map(), (apply, inputs) => {
    const { safeInputs } = recordOf(apply);
    const guarded = inputs.map((x, i) => {
      const safe = safeInputs?.[i];
      const before = apply.inputs[i] ?? x;
      const isPerSequence =
        dependent.has(before) && (batch?.has(before.shape[0]?.key ?? "") ?? true);
      return safe === undefined || !isPerSequence
        ? x
        : cutGradient(where(beside(guard.mask, x), x, fullLike(x, safe)), guard.live);
    });
    const inner = guardLoop(apply, guarded, { ...guard, batch }, (x) => dependent.has(x));
    const made =
      inner ??
      (guarded.every((x, i) => x === apply.inputs[i])
        ? apply.outputs
        : applyOp(apply.op, guarded, apply.params, apply.blocks));
    return made;
  });
}

/** With the keys of the sizes that checks of these applications make equal in every call: B and N where x `[B]` plus w `[N]` occurs. */
function withEqualSizes(keys: ReadonlySet<string>, order: readonly Apply[]): ReadonlySet<string> {
  const equal = new Set(keys);
  const pairs = order.flatMap(({ checks }) =>
    checks.filter(({ relation }) => relation === "equal").map(({ x, y }) => [x.key, y.key]),
  );
  for (let before = 0; before < equal.size;) {
    before = equal.size;
    for (const pair of pairs)
      if (pair.some((key) => equal.has(key))) for (const key of pair) equal.add(key);
  }
  return equal;
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
  const rows = [guard.mask, ...(guard.live === undefined ? [] : [guard.live])];
  const [mask = guard.mask, live] = rows.map((row) => freshLike(row));
  const perSequence = block.inputs.filter((_, i) => {
    const outer = apply.inputs[i];
    return outer !== undefined && isDependent(outer);
  });
  const outputs = guardPadding(block.outputs, perSequence, { ...guard, mask, live });
  const groups = scanGroups(params, inputs);
  const { final, saved, ys } = makeScan(
    params,
    { ...groups, consts: [...rows, ...groups.consts] },
    { inputs: [mask, ...(live === undefined ? [] : [live]), ...block.inputs], outputs },
  );
  return [...final, ...saved, ...ys];
}

function hasUnsafe(block: Block): boolean {
  return toposort(block.outputs).some(
    (apply) => recordOf(apply).safeInputs !== undefined || apply.blocks.some(hasUnsafe),
  );
}
