import { formatCount, plural } from "../render/format.ts";
import { type Parsed, fromCell, parseSteps, parseText } from "./cells.ts";
import type { InputKind, InputValue, TargetKind } from "./task.ts";

/**
 * Most steps of a sequence where `--max-length` says nothing. Training keeps the states of every step: with the default
 * model on four threads, rows of 20,000 steps take some 1.2 GB, and rows of 65,000 more than the 4 GiB that WebAssembly
 * can address. A longer row is most often a mistake, such as a quote that closes much too late.
 */
const usualSteps = 20_000;

/** A text to be continued may be a novel: it is read in pieces, and only its characters are kept as a whole. */
const usualCharacters = 2_000_000;

/** Characters that a step may take in a file: some fifty numbers in full precision. */
const charactersPerStep = 1000;

const remedy = "cut long rows into several, or allow them with --max-length COUNT";

/** The most steps of a sequence. */
export function mostSteps(target: TargetKind, wanted?: number): number {
  return wanted ?? (target === "next" ? usualCharacters : usualSteps);
}

/** The most characters of a row: longer ones are not even looked into, so that no row can take all memory. */
export function mostCharacters(wanted = 0): number {
  return charactersPerStep * Math.max(wanted, usualSteps);
}

/** A sequence of at most so many steps. */
export function parseInput(kind: InputKind, raw: unknown, most: number): Parsed<InputValue> {
  if (kind === "text") {
    const text = parseText(raw);
    return "value" in text ? (tooLong(stepsIn(text.value), most, "character") ?? text) : text;
  }
  const list = fromCell(raw);
  if (!Array.isArray(list)) return parseSteps(raw);
  return tooLong(list.length, most, "step") ?? parseSteps(list);
}

/** The fault of something that has more than the most; undefined for what has not. */
export function tooLong(
  count: number,
  most: number,
  what: string,
): { readonly fault: string; readonly hint: string } | undefined {
  if (count <= most) return undefined;
  return {
    fault: `expected at most ${plural(most, what)}, got ${formatCount(count)}`,
    hint: remedy,
  };
}

/** The number of steps: characters of a text (code points), or rows of numbers. */
export function stepsIn(input: InputValue): number {
  if (typeof input !== "string") return input.length;
  let count = 0;
  for (const _ of input) count += 1;
  return count;
}
