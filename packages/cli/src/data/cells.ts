import { describe } from "./problems.ts";
import type { Steps } from "./task.ts";

/** What a field holds, or what was expected of it. */
export type Parsed<T> =
  | { readonly value: T }
  | {
      readonly fault: string;
      /** What to do about it, if that is not said of all faults alike. */
      readonly hint?: string;
    };

/** A text of at least one character; numbers and booleans of JSON count as what they look like. */
export function parseText(raw: unknown): Parsed<string> {
  const isScalar = typeof raw === "number" || typeof raw === "boolean";
  const text = isScalar ? String(raw) : raw;
  if (typeof text === "string" && text !== "") return { value: text };
  return { fault: `expected a text, got ${describe(raw)}` };
}

/** A label: a text, a number or true or false. */
export function parseLabel(raw: unknown): Parsed<string> {
  const parsed = parseText(raw);
  if ("value" in parsed) return parsed;
  return { fault: `expected a label (a text, a number, true or false), got ${describe(raw)}` };
}

/** A finite number, in JSON or as a CSV cell. */
export function parseNumber(raw: unknown): Parsed<number> {
  const value = typeof raw === "string" && raw.trim() !== "" ? Number(raw) : raw;
  if (isNumber(value)) return { value };
  return { fault: `expected ${numberWanted(value)}, got ${describe(raw)}` };
}

/** The greatest number of float32, which models compute in. */
const greatest = 3.4e38;

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= greatest;
}

function numberWanted(value: unknown): string {
  return typeof value === "number" && Math.abs(value) > greatest
    ? `a number of at most ${greatest} either way`
    : "a number";
}

/** One label for each step. */
export function parseLabels(raw: unknown): Parsed<readonly string[]> {
  const list = fromCell(raw);
  if (!Array.isArray(list)) return { fault: `expected a list of labels, got ${describe(raw)}` };
  const labels: string[] = [];
  for (const [index, entry] of list.entries()) {
    const parsed = parseLabel(entry);
    if ("fault" in parsed) return { fault: `step ${index + 1}: ${parsed.fault}` };
    labels.push(parsed.value);
  }
  return { value: labels };
}

/**
 * Steps of numbers: `[1, 2, 3]` is three steps of one number, `[[1, 2], [3, 4]]` two steps of two. A CSV cell may say
 * `1 2 3` and `1 2; 3 4` for them.
 */
export function parseSteps(raw: unknown): Parsed<Steps> {
  const wanted = `expected numbers such as [1, 2, 3] or [[1, 2], [3, 4]]`;
  const list = fromCell(raw);
  if (!Array.isArray(list)) return { fault: `${wanted}, got ${describe(raw)}` };
  if (list.length === 0) return { fault: `expected at least one step, got an empty list` };
  const width = Array.isArray(list[0]) ? list[0].length : 1;
  const steps: number[][] = [];
  for (const [index, entry] of list.entries()) {
    const numbers: readonly unknown[] = Array.isArray(entry) ? entry : [entry];
    const where = `step ${index + 1}`;
    if (numbers.length !== width || width === 0) {
      const count = width === 0 ? "at least one number" : `${width} numbers, as in step 1`;
      return { fault: `${where}: expected ${count}, got ${numbers.length}` };
    }
    const step: number[] = [];
    for (const number of numbers) {
      if (!isNumber(number)) {
        return { fault: `${where}: expected ${numberWanted(number)}, got ${describe(number)}` };
      }
      step.push(number);
    }
    steps.push(step);
  }
  return { value: steps };
}

/** Entries that say what a list holds; the others are looked at when the rows are read. */
const lookedAt = 1000;

/** Whether a field holds several numbers. */
export function looksLikeSteps(raw: unknown): boolean {
  const list = fromCell(raw);
  if (!Array.isArray(list) || list.length === 0) return false;
  const isFromCell = typeof raw === "string";
  return (!isFromCell || list.length > 1) && "value" in parseSteps(list.slice(0, lookedAt));
}

/** A list, if the field is one or is a CSV cell that spells one; else the field itself. */
export function fromCell(raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  const text = raw.trim();
  if (text.startsWith("[")) {
    try {
      return JSON.parse(text);
    } catch {
      return raw;
    }
  }
  if (text === "" || !/^[-+\d.eE\s;,]+$/.test(text)) return raw;
  const steps = text.split(";").map((step) =>
    step
      .trim()
      .split(/[\s,]+/)
      .map(toNumber),
  );
  const only = steps.length === 1 ? steps[0] : undefined;
  if (only !== undefined) return only;
  return steps.every((step) => step.length === 1) ? steps.flat() : steps;
}

/** A word as a number; what is none stays a text, which a message can show. */
function toNumber(word: string): number | string {
  return word === "" || Number.isNaN(Number(word)) ? word : Number(word);
}
