/** Updates that scans produced: who builds a program asks whether it received them. */
import type { Apply } from "../../graph/op.ts";
import type { Update } from "./types.ts";

interface Pending {
  readonly label: string;
  readonly updates: readonly Update[];
}

const pending = new WeakMap<Apply, Pending>();
const dropped = new WeakMap<Apply, readonly Update[]>();
const byUpdates = new WeakMap<readonly Update[], Apply>();

/** Notes that the scan `apply` produced `updates`. */
export function notePendingUpdates(apply: Apply, label: string, updates: readonly Update[]): void {
  if (updates.length === 0) return;
  pending.set(apply, { label, updates });
  byUpdates.set(updates, apply);
}

/** The updates that the scan behind `apply` produced, unless they were dropped; `label` is how messages call the scan. */
export function pendingUpdates(apply: Apply): Pending | undefined {
  return pending.get(apply);
}

/** The updates of the scan behind `apply` that were dropped on purpose. */
export function droppedUpdates(apply: Apply): readonly Update[] {
  return dropped.get(apply) ?? [];
}

/**
 * Says that the updates of a scan are not wanted: its shared variables keep their values, and a
 * stream in its step gives the same numbers in every call.
 * @returns the same result without updates
 */
export function dropUpdates<R extends { readonly updates: readonly Update[] }>(result: R): R {
  const apply = byUpdates.get(result.updates);
  if (apply !== undefined) {
    dropped.set(apply, result.updates);
    pending.delete(apply);
  }
  return { ...result, updates: [] };
}
