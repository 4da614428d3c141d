/** Sequences, states and non-sequences as users write them, in either form. */
import { ArgumentError } from "../../errors/errors.ts";
import { Tensor } from "../../graph/tensor.ts";
import { constant } from "../../ops/constant.ts";
import type { DType } from "../../graph/dtype.ts";
import { nearest } from "../../errors/nearest.ts";

/** An entry with its taps by name; without names, `tapNames` are the taps themselves. */
export interface ParsedEntry<V> {
  readonly value: V;
  readonly taps: readonly number[];
  readonly tapNames: readonly string[] | undefined;
}

/**
 * A plain value, or `{ [key]: value, taps }`.
 * @throws ArgumentError SCAN_ENTRY
 */
export function parseEntry<V>(
  what: string,
  entry: unknown,
  key: "input" | "initial",
  defaultTap: number,
  isValue: (x: unknown) => x is V,
): ParsedEntry<V> {
  if (isValue(entry)) return { value: entry, taps: [defaultTap], tapNames: undefined };
  const expected =
    key === "input"
      ? "a tensor or { input, taps }"
      : "a tensor, a number, { initial, taps }, or null";
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    throw new ArgumentError(
      "SCAN_ENTRY",
      `${what} is ${Array.isArray(entry) ? "a list" : String(entry)}`,
      { hint: `give ${expected}` },
    );
  const fields = new Map<string, unknown>(Object.entries(entry));
  for (const name of fields.keys())
    if (name !== key && name !== "taps") {
      const meant = nearest(name, [key, "taps"]);
      throw new ArgumentError("SCAN_ENTRY", `${what} has no field "${name}"`, {
        hint: meant === undefined ? `give ${expected}` : `did you mean ${meant}? Give ${expected}`,
      });
    }
  const value = fields.get(key);
  if (!isValue(value))
    throw new ArgumentError(
      "SCAN_ENTRY",
      `${what} lacks ${key === "input" ? "its input" : "an initial state for its taps"}`,
      { hint: `give ${expected}` },
    );
  return { value, ...parseTaps(what, fields.get("taps"), defaultTap) };
}

function parseTaps(
  what: string,
  taps: unknown,
  defaultTap: number,
): Pick<ParsedEntry<never>, "taps" | "tapNames"> {
  if (taps === undefined) return { taps: [defaultTap], tapNames: undefined };
  if (typeof taps === "number") return { taps: [taps], tapNames: undefined };
  if (Array.isArray(taps)) return { taps: taps.map((tap) => Number(tap)), tapNames: undefined };
  if (typeof taps === "object" && taps !== null)
    return { taps: Object.values(taps).map((tap) => Number(tap)), tapNames: Object.keys(taps) };
  throw new ArgumentError(
    "SCAN_TAPS",
    `${what}: taps must be a list of integers, got ${String(taps)}`,
  );
}

export const isTensor = (x: unknown): x is Tensor => x instanceof Tensor;
export const isInitial = (x: unknown): x is Tensor | number =>
  x instanceof Tensor || typeof x === "number";

/** What an absent, a single and a list option have in common. */
export function listOf(option: unknown): readonly unknown[] {
  if (option === undefined || option === null) return [];
  return Array.isArray(option) ? option : [option];
}

/**
 * A non-sequence as a tensor. A whole number is int32, so that it changes no other dtype; a fraction is float32, or float64 where
 * the scan works in float64.
 * @throws ArgumentError SCAN_ENTRY
 */
export function parseNonSequence(
  what: string,
  value: unknown,
  partners: readonly unknown[],
): Tensor {
  if (value instanceof Tensor) return value;
  if (typeof value !== "number")
    throw new ArgumentError(
      "SCAN_ENTRY",
      `${what} is ${Array.isArray(value) ? "a list" : String(value)}`,
      { hint: "give a tensor or a number" },
    );
  const fraction: DType = partners.some((x) => x instanceof Tensor && x.dtype === "float64")
    ? "float64"
    : "float32";
  return constant(value, (value | 0) === value ? "int32" : fraction);
}
