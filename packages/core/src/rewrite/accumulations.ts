/** Carries that only add up: c = c + f, in every step. */
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { add } from "../ops/arithmetic.ts";
import { recordOf } from "../ops/record.ts";
import { isMovable } from "./batch.ts";
import type { Uses } from "./rewrite-graph.ts";
import type { DraftCarry, ScanDraft } from "./scan-draft.ts";

/** The terms f that a carry adds up, in order; undefined when it does anything else, or when somebody sees its values between. */
export function accumulatedTerms(
  carry: DraftCarry,
  draft: ScanDraft,
  uses: Uses,
): readonly Tensor[] | undefined {
  if (carry.saved !== undefined && uses.isUsed(carry.saved)) return undefined;
  // Booleans are added by `or`; their sum counts.
  if (carry.input.dtype === "bool") return undefined;
  const terms = addends(carry.leaves, carry.input);
  if (terms === undefined) return undefined;
  const others = [
    ...draft.carries.filter((c) => c !== carry).map((c) => c.leaves),
    ...draft.ys.map((y) => y.row),
    ...terms,
  ];
  return others.includes(carry.input) ||
    toposort(others).some((apply) => apply.inputs.includes(carry.input))
    ? undefined
    : terms;
}

/** The terms of input + x + (y + z) + ..., in order; undefined when the tensor is no such sum. */
function addends(tensor: Tensor, input: Tensor): Tensor[] | undefined {
  const terms: Tensor[] = [];
  let inputs = 0;
  const pending = [tensor];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const apply = ownerOf(at);
    if (at === input) inputs++;
    else if (
      apply?.op === add.op &&
      apply.inputs.every(
        (x) =>
          x.rank === at?.rank &&
          x.shape.every((size, axis) => size.equals(at?.shape[axis] ?? size)),
      )
    )
      pending.push(...[...apply.inputs].reverse());
    else terms.push(at);
  }
  return inputs === 1 && terms.length > 0 ? terms : undefined;
}

/** The first tensors under `tensor`, through views, that are no views; nothing for what is the same at every step. */
export function basesOf(tensor: Tensor, constants: ReadonlySet<Tensor>): Tensor[] {
  const apply = ownerOf(tensor);
  if (constants.has(tensor) || tensor.origin.kind === "constant") return [];
  if (apply === undefined || recordOf(apply).cost !== "view" || !isMovable(apply)) return [tensor];
  return apply.inputs.flatMap((x) => basesOf(x, constants));
}
