/** A slip that users make, planted on purpose. */
export interface Mistake {
  /** What went wrong, in a few words. */
  readonly what: string;
  /** What the message must name: the user's word for the thing. */
  readonly names: string;
  readonly run: () => unknown;
}

/** A function, or a value, as plain JavaScript has it, where no type checker warns. */
export function loosely<R>(f: (...args: never[]) => R): (...args: readonly unknown[]) => R;
export function loosely(value: unknown): never;
export function loosely(value: unknown): unknown {
  return value;
}
