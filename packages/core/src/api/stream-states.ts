/** The shared variables in which random streams count, and what is particular about their updates. */
import type { Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { maximum } from "../ops/arithmetic.ts";
import { droppedUpdates } from "./scan/pending-updates.ts";
import type { Update } from "./scan/types.ts";

const states = new WeakSet<object>();
const keys = new WeakSet<object>();

/** Says that a shared variable is the place in a stream. */
export function markStream(state: object): void {
  states.add(state);
}

/** Says that a tensor is a key that a stream gave. */
export function markDrawn(key: object): void {
  keys.add(key);
}

/** Whether a tensor is a key that a stream gave: one that is given before a scan does not change in its steps. */
export function isDrawn(tensor: object): boolean {
  return keys.has(tensor);
}

/** Whether a tensor is the place in a stream. */
export function isStream(tensor: object): boolean {
  return states.has(tensor);
}

/** `updates` where those of one stream are one: the place furthest on, behind which nobody has drawn. */
export function mergeStreams(updates: readonly Update[]): Update[] {
  const merged: Update[] = [];
  for (const [target, value] of updates) {
    const at = isStream(target) ? merged.findIndex(([other]) => other === target) : -1;
    const found = merged[at];
    if (found === undefined) merged.push([target, value]);
    else merged[at] = [target, found[1] === value ? value : maximum(found[1], value)];
  }
  return merged;
}

/** The streams that `apply` reads, but for those whose updates by this scan were dropped on purpose. */
export function streamsOf(apply: Apply): readonly Tensor[] {
  const dropped = droppedUpdates(apply);
  return apply.inputs.filter((x) => isStream(x) && !dropped.some(([target]) => target === x));
}

/** What tells which updates of scans are among `received`: of a stream its value counts, of other variables that there is one. */
export function receivedUpdates(
  received: readonly Update[],
): (apply: Apply, target: Tensor) => boolean {
  const values = new Map<Tensor, ReadonlySet<Apply>>(
    received.map(([target, value]) => [target, new Set(isStream(target) ? toposort([value]) : [])]),
  );
  return (apply, target) => {
    const made = values.get(target);
    return made !== undefined && (!isStream(target) || made.has(apply));
  };
}
