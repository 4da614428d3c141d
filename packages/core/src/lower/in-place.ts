/** Which states of a loop may be overwritten by their next value while the step runs. */
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { recordOf } from "../ops/record.ts";
import { assemblersOf, type Plan, type Read } from "./plan.ts";
import { changedInput } from "./region.ts";

/**
 * True when `leaves` may be made where `enters` lies: whatever reads the old value has run before the first piece of the new one is
 * written, or reads the very element that it replaces.
 */
export function changesInPlace(plan: Plan, enters: Tensor, leaves: Tensor): boolean {
  const writers = writersOf(plan, leaves);
  const first = Math.min(...[...writers].map((x) => plan.stepOf.get(x) ?? Infinity));
  if (first === Infinity) return false;
  const ownReads = (found: readonly Read[]): readonly Read[] =>
    found.filter((read) => sameMemory(read.tensor) === enters);
  for (const [tensor, found] of plan.loose)
    if (tensor !== leaves && ownReads(found).length > 0) return false;
  const isWhole = [...writers].every((x) => x === leaves || plan.stepOf.get(x) !== first);
  return plan.reads.every((found, s) => {
    const own = ownReads(found);
    if (own.length === 0 || s < first) return true;
    if (s > first || !isWhole || own.some((read) => read.tensor !== enters)) return false;
    const step = plan.steps[s];
    if (step?.kind === "group")
      return own.every((read) => read.aligned) && step.shape.length === enters.rank;
    return (
      step?.kind === "single" &&
      changedInput(step.apply) === enters &&
      step.apply.inputs.filter((x) => x === enters).length === 1 &&
      own.length === 1
    );
  });
}

/** `leaves`, and what may be made in its memory before it: pieces, other layouts, what they are changed from. */
function writersOf(plan: Plan, leaves: Tensor): Set<Tensor> {
  const writers = new Set([leaves]);
  for (const at of writers) {
    const apply = ownerOf(at);
    if (apply === undefined) continue;
    const { kind } = recordOf(apply).lowering;
    const changed = at === leaves ? undefined : changedInput(apply);
    if (kind === "assemble") {
      for (const x of apply.inputs) if (assemblersOf(plan, x).includes(apply)) writers.add(x);
      continue;
    }
    const placed = kind === "view" || kind === "reshape" ? apply.inputs : [changed];
    for (const x of placed)
      if (x !== undefined && (plan.users.get(x) ?? []).length === 1 && !plan.results.has(x))
        writers.add(x);
  }
  return writers;
}

/** The tensor whose memory is seen: through views, and reshapes, which share it where they can. */
function sameMemory(tensor: Tensor): Tensor {
  let at = tensor;
  for (let apply = ownerOf(at); apply !== undefined; apply = ownerOf(at)) {
    const { kind } = recordOf(apply).lowering;
    const [input] = apply.inputs;
    if ((kind !== "view" && kind !== "reshape") || input === undefined) break;
    at = input;
  }
  return at;
}
