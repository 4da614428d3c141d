import { DataError } from "../errors.ts";

/** Where in a file something is; lines and columns count from 1. `column` is a character of the line. */
export interface Place {
  readonly line: number;
  readonly column?: number;
  /** The name of the column (CSV) or field (JSONL). */
  readonly field?: string;
}

const mostReported = 5;
const rowHint = "no row is skipped in silence: correct these rows or take them out of the file";

/** Collects what is wrong with a data file, so that one look shows several faults; no row is ever skipped in silence. */
export class Problems {
  readonly #file: string;
  readonly #hint: string;
  readonly #found: { readonly line: number; readonly text: string }[] = [];
  readonly #hints = new Set<string>();

  constructor(file: string, hint = rowHint) {
    this.#file = file;
    this.#hint = hint;
  }

  get count(): number {
    return this.#found.length;
  }

  /**
   * Notes one fault: what was expected and what came.
   *
   * @param hint what to do about it, if not what is to be done about all
   * @throws {@link DataError} with all faults so far, when this is the fifth
   */
  add(place: Place, message: string, hint = this.#hint): void {
    this.#hints.add(hint);
    const column = place.column === undefined ? "" : `:${place.column}`;
    const field = place.field === undefined ? "" : ` ${quote(place.field)}:`;
    const text = `${this.#file}:${place.line}${column}:${field} ${message}`;
    this.#found.push({ line: place.line, text });
    if (this.#found.length === mostReported) this.#fail(", and perhaps more");
  }

  /** @throws {@link DataError} if there was any fault */
  check(): void {
    if (this.#found.length > 0) this.#fail("");
  }

  #fail(more: string): never {
    const lines = this.#found.toSorted((a, b) => a.line - b.line).map(({ text }) => text);
    const count = lines.length === 1 ? "a fault" : `${lines.length} faults${more}`;
    throw new DataError(`${this.#file} has ${count}:\n  ${lines.join("\n  ")}`, {
      hint: [...this.#hints].join("; "),
    });
  }
}

/** A text in quotes, cut when long: for messages. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);
}

/** A JSON value as a message shows it: `null`, `3`, `"abc"`, `a list of 4`, `an object`. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return value === "" ? "an empty text" : quote(value);
  if (Array.isArray(value))
    return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
