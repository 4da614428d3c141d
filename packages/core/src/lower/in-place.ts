/** Which states of a loop may be overwritten by their next value while the step runs. */
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { recordOf } from "../ops/record.ts";
import type { Plan, Read } from "./plan.ts";
import { changedInput } from "./region.ts";

/**
 * True when `leaves` may be made where `enters` lies: whatever reads the old value has run before the first piece of the new one is
 * written, or reads the very element that it replaces.
 */
export function changesInPlace(plan: Plan, enters: Tensor, leaves: Tensor): boolean {
  const writers = writersOf(plan, leaves);
  const first = Math.min(...[...writers.keys()].map((x) => plan.stepOf.get(x) ?? Infinity));
  if (first === Infinity) return false;
  const ownReads = (found: readonly Read[]): readonly Read[] =>
    found.filter((read) => sameMemory(read.tensor) === enters);
  for (const [tensor, found] of plan.loose)
    if (tensor !== leaves && ownReads(found).length > 0) return false;
  const isWhole = [...writers].every(([x, whole]) => plan.stepOf.get(x) !== first || whole);
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

/** What may be made in the memory of `leaves`: true where it is as a whole what lies there, false for parts and other layouts. */
function writersOf(plan: Plan, leaves: Tensor): Map<Tensor, boolean> {
  const writers = new Map([[leaves, true]]);
  const pending = [leaves];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    const apply = ownerOf(at);
    if (apply === undefined) continue;
    const { kind } = recordOf(apply).lowering;
    const changed = changedInput(apply);
    const placed =
      kind === "assemble"
        ? apply.inputs
        : kind === "view" || kind === "reshape"
          ? apply.inputs.slice(0, 1)
          : changed === undefined
            ? []
            : [changed];
    for (const x of placed) {
      if (writers.has(x) || (plan.users.get(x) ?? []).length !== 1 || plan.results.has(x)) continue;
      writers.set(x, changed !== undefined && writers.get(at) === true);
      pending.push(x);
    }
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
