import type { Example } from "./task.ts";

/** What part of the data is kept for what; the rest trains. */
export interface SplitFractions {
  readonly validation: number;
  readonly test: number;
}

/** Disjoint parts of a data set, each in the order of the data. */
export interface Split {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
}

/** How an example finds its part; written into config.json. */
export const splitRule = "fnv1a32(input) mod 1000";

/**
 * Splits by a hash of each input alone: an example keeps its part when others come or go, and equal inputs share one,
 * so that no test sequence was trained on. With fractions of 0.1 each, hashes below 800 (of 1000) train, those from
 * 800 validate, and those from 900 test.
 */
export function splitExamples(examples: readonly Example[], fractions: SplitFractions): Split {
  const testFrom = Math.round(1000 * (1 - fractions.test));
  const validationFrom = testFrom - Math.round(1000 * fractions.validation);
  const split: Record<keyof Split, Example[]> = { train: [], validation: [], test: [] };
  for (const example of examples) {
    const place = fnv1a(keyOf(example)) % 1000;
    split[place < validationFrom ? "train" : place < testFrom ? "validation" : "test"].push(
      example,
    );
  }
  return split;
}

function keyOf({ input }: Example): string {
  return typeof input === "string" ? input : JSON.stringify(input);
}

/** The 32-bit FNV-1a hash of the UTF-16 code units of a text (Fowler, Noll, Vo), each taken as one unit. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}
