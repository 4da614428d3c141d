/** Inputs by place. What is missing is a defect: constructors always give an op the inputs it needs. */
import { InternalError } from "../errors/errors.ts";

/** Entry `i`. */
export function inputAt<T>(entries: readonly T[], i: number): T {
  const entry = entries[i];
  if (entry === undefined) throw new InternalError(`an op lacks input ${i}`);
  return entry;
}

/** The first entry. */
export function unaryInput<T>(entries: readonly T[]): T {
  return inputAt(entries, 0);
}

/** The first two entries. */
export function binaryInputs<T>(entries: readonly T[]): readonly [T, T] {
  return [inputAt(entries, 0), inputAt(entries, 1)];
}

/** The first three entries. */
export function ternaryInputs<T>(entries: readonly T[]): readonly [T, T, T] {
  return [inputAt(entries, 0), inputAt(entries, 1), inputAt(entries, 2)];
}

/** The entries that there are. */
export function present<T>(entries: readonly (T | undefined)[]): T[] {
  return entries.filter((x) => x !== undefined);
}
