/** Random scans: every combination of taps, direction, truncation, padding, resets, conditions, nesting and dtype. */
import fc from "fast-check";

/** A scan, drawn. Its batch has two sequences. */
export interface Plan {
  readonly rows: number;
  readonly sequenceTaps: readonly number[];
  readonly stateTaps: readonly number[];
  readonly goBackwards: boolean;
  readonly padding: "none" | "lengths" | "mask";
  /** mask[t][b], or the lengths as their mask. */
  readonly mask: Bits;
  readonly truncateGradient: number;
  /** resets[t][b]; undefined: none. */
  readonly resets: Bits | undefined;
  /** Ends nothing, the whole loop, or each sequence by itself. */
  readonly until: "none" | "all" | "rows";
  /** Where the loop ends: when the state exceeds it. */
  readonly limit: number;
  /** inner: the step runs a scan; outer: the scan stands in the step of another one. */
  readonly nesting: "none" | "inner" | "outer";
  readonly dtype: "float64" | "float32";
}
export type Bits = readonly (readonly boolean[])[];

/** Sequences in a batch. */
export const batch = 2;

/** How far taps reach back, and how many rows they cost. */
export function reach(taps: readonly number[]): { readonly back: number; readonly span: number } {
  const back = -Math.min(0, ...taps);
  return { back, span: Math.max(0, ...taps) + back };
}

/** Scans of `least` to `most` steps. */
export const plansOf = (least: number, most: number): fc.Arbitrary<Plan> =>
  fc
    .record({
      steps: fc.integer({ min: least, max: most }),
      sequenceTaps: fc.constantFrom([0], [0], [-1], [1], [-2, 0], [1, -1], [0, 2, -1]),
      stateTaps: fc.constantFrom([-1], [-2], [-2, -1], [-1, -3]),
      goBackwards: fc.boolean(),
      padding: fc.constantFrom("none" as const, "lengths" as const, "mask" as const),
      bits: fc.array(fc.boolean(), { minLength: 6 * (most + 5), maxLength: 6 * (most + 5) }),
      truncateGradient: fc.constantFrom(-1, -1, 1, 2),
      withResets: fc.boolean(),
      until: fc.constantFrom("none" as const, "all" as const, "rows" as const),
      limit: fc.constantFrom(-0.5, 0.2, 0.45, 0.6, 2),
      nesting: fc.constantFrom(
        "none" as const,
        "none" as const,
        "inner" as const,
        "outer" as const,
      ),
      dtype: fc.constantFrom("float64" as const, "float64" as const, "float32" as const),
    })
    .map(({ steps, bits, withResets, ...plan }) => {
      const rows = steps + reach(plan.sequenceTaps).span;
      const part = most + 5;
      const lengths = [0, 1].map(
        (b) => bits.slice(b * part, b * part + rows).filter((x) => x).length,
      );
      const cut = (first: number): Bits =>
        Array.from({ length: rows }, (_, t) =>
          Array.from({ length: batch }, (_b, b) => bits[first + t * batch + b] ?? true),
        );
      const mask = cut(2 * part).map((row, t) =>
        row.map(
          (bit, b) =>
            plan.padding === "none" || (plan.padding === "lengths" ? t < (lengths[b] ?? 0) : bit),
        ),
      );
      const canReset = withResets && plan.sequenceTaps.join() === "0";
      return { ...plan, rows, mask, resets: canReset ? cut(4 * part) : undefined };
    });

export const plans = plansOf(0, 5);

/** How many rows of each sequence are valid. */
export const countTrue = (mask: Bits): number[] =>
  Array.from({ length: batch }, (_, b) => mask.filter((row) => row[b] === true).length);
