/**
 * Readers of parsed JSON: each takes a value and the path to it, and gives it back with its type or says what was
 * expected there. Small enough to need no library.
 */
export type Decoder<T> = (value: unknown, path: string) => T;

/** The type that a decoder gives. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** A value that is not what was expected. */
export class DecodeError extends Error {}

function reject(path: string, expected: string, value: unknown): never {
  const got = value === undefined ? "nothing" : JSON.stringify(value);
  const shown = got.length > 60 ? `${got.slice(0, 57)}...` : got;
  throw new DecodeError(`${path === "" ? "the file" : path}: expected ${expected}, got ${shown}`);
}

export const text: Decoder<string> = (value, path) =>
  typeof value === "string" ? value : reject(path, "a text", value);

export const truth: Decoder<boolean> = (value, path) =>
  typeof value === "boolean" ? value : reject(path, "true or false", value);

export const number: Decoder<number> = (value, path) =>
  typeof value === "number" ? value : reject(path, "a number", value);

/** A whole number. */
export function whole(least: number, most: number): Decoder<number> {
  return (value, path) =>
    typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
      ? value
      : reject(path, `a whole number from ${least} to ${most}`, value);
}

/** A number above 0. */
export const positive: Decoder<number> = (value, path) =>
  typeof value === "number" && value > 0 ? value : reject(path, "a number above 0", value);

/** A part of 1. */
export const part: Decoder<number> = (value, path) =>
  typeof value === "number" && value >= 0 && value <= 1
    ? value
    : reject(path, "a number from 0 to 1", value);

/** One of some texts or numbers. */
export function oneOf<const T extends string | number>(...choices: readonly T[]): Decoder<T> {
  return (value, path) =>
    choices.find((choice) => choice === value) ??
    reject(path, choices.map((choice) => JSON.stringify(choice)).join(" or "), value);
}

/** A list of equal things. */
export function list<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((entry, index) => item(entry, `${path}[${index}]`))
      : reject(path, "a list", value);
}

/** Equal things by name. */
export function byName<T>(item: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = Object.entries(asObject(value, path));
    return Object.fromEntries(entries.map(([key, entry]) => [key, item(entry, join(path, key))]));
  };
}

/** Different things by name; names that are not asked for are ignored. */
export function record<const D extends Readonly<Record<string, Decoder<unknown>>>>(
  fields: D,
): Decoder<{ readonly [K in keyof D]: Decoded<D[K]> }> {
  return (value, path) => {
    const source = asObject(value, path);
    const decoded = Object.entries(fields).map(([key, decode]) => [
      key,
      decode(Object.hasOwn(source, key) ? source[key] : undefined, join(path, key)),
    ]);
    // Each field has just been through its own decoder.
    return Object.fromEntries(decoded) as { readonly [K in keyof D]: Decoded<D[K]> };
  };
}

/** A union of records, told apart by the text in one of their fields. */
export function tagged<const D extends Readonly<Record<string, Decoder<unknown>>>>(
  tag: string,
  variants: D,
): Decoder<Decoded<D[keyof D]>> {
  return (value, path) => {
    const name = oneOf(...Object.keys(variants))(asObject(value, path)[tag], join(path, tag));
    // The variant whose tag this is.
    return variants[name]?.(value, path) as Decoded<D[keyof D]>;
  };
}

/** null stands for absence, since JSON has no undefined. */
export function orNull<T>(item: Decoder<T>): Decoder<T | null> {
  return (value, path) => (value === null ? null : item(value, path));
}

/** A field that files of older versions do not have. */
export function orAbsent<T>(item: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => (value === undefined ? undefined : item(value, path));
}

/** One of two kinds of value. */
export function either<A, B>(first: Decoder<A>, second: Decoder<B>): Decoder<A | B> {
  return (value, path) => {
    try {
      return first(value, path);
    } catch {
      return second(value, path);
    }
  };
}

function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return reject(path, "an object", value);
  }
  return Object.fromEntries(Object.entries(value));
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
