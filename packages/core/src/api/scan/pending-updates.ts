/** Updates that scans produced: who builds a program asks whether it received them. */
import type { Apply } from "../../graph/op.ts";
import type { Update } from "./types.ts";

interface Pending {
  readonly label: string;
  readonly updates: readonly Update[];
}

const pending = new WeakMap<Apply, Pending>();
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

/**
 * Says that the updates of a scan are not wanted: its shared variables keep their values.
 * @returns the same result without updates
 */
export function dropUpdates<R extends { readonly updates: readonly Update[] }>(result: R): R {
  const apply = byUpdates.get(result.updates);
  if (apply !== undefined) pending.delete(apply);
  return { ...result, updates: [] };
}
