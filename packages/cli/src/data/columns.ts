import { UsageError } from "../errors.ts";
import { fromCell, looksLikeSteps, parseNumber, parseSteps } from "./cells.ts";
import { quote } from "./problems.ts";
import type { Row, Table } from "./table.ts";
import type { InputKind, TargetKind, Task } from "./task.ts";

/** The columns that the command line names. */
export interface ColumnFlags {
  readonly text?: string;
  readonly sequence?: string;
  readonly label?: string;
  readonly target?: string;
  /** Learn each next character of the text, whatever other columns there are. */
  readonly next?: boolean;
}

/** Which columns hold what; `target` has no column where the text itself holds the answers. */
export interface Columns extends Task {
  readonly inputColumn: string;
  readonly targetColumn: string | undefined;
}

/** Columns and how they were found, for the line that tells the user. */
export interface FoundColumns extends Columns {
  readonly isGuess: boolean;
}

const inputNames: Readonly<Record<InputKind, readonly string[]>> = {
  text: ["text", "name", "word", "sentence", "string", "message", "review", "title", "characters"],
  numbers: ["sequence", "x", "values", "series", "signal", "numbers", "steps"],
};
const labelNames = ["label", "class", "category", "kind", "gender", "sex", "language"];
const targetNames = ["target", "targets", "y", "value", "score"];

/** Whether a column is called what such columns are usually called; one letter may as well be a value. */
export function isUsualName(column: string): boolean {
  const usual = [...inputNames.text, ...inputNames.numbers, ...labelNames, ...targetNames];
  return column.length > 1 && usual.includes(column.toLowerCase());
}

/**
 * Decides which columns to learn from: those the flags name, else by their names, else by what they hold.
 *
 * @throws {@link UsageError} for a column that does not exist, flags that exclude each other, or nothing to go by
 */
export function findColumns(table: Table, flags: ColumnFlags): FoundColumns {
  checkFlags(table, flags);
  const input = findInput(table, flags);
  const rest = table.columns.filter((column) => column !== input.column);
  const target = findTarget(table, flags, input, rest);
  const named = [flags.text ?? flags.sequence, flags.label ?? flags.target ?? flags.next];
  return {
    input: input.kind,
    target: target.kind,
    inputColumn: input.column,
    targetColumn: target.column,
    isGuess: named.includes(undefined),
  };
}

function checkFlags(table: Table, flags: ColumnFlags): void {
  const together = (a: keyof ColumnFlags, b: keyof ColumnFlags): void => {
    if (flags[a] !== undefined && flags[b] !== undefined) {
      throw new UsageError(`--${a} and --${b} exclude each other; give one of them`);
    }
  };
  together("text", "sequence");
  together("label", "target");
  together("label", "next");
  together("target", "next");
  together("sequence", "next");
  for (const flag of ["text", "sequence", "label", "target"] as const) {
    const column = flags[flag];
    if (column === undefined || table.columns.includes(column)) continue;
    throw new UsageError(`--${flag} ${column}: ${table.file} has no column ${quote(column)}`, {
      hint: `its columns are ${listOf(table.columns)}`,
    });
  }
  const input = flags.text ?? flags.sequence;
  if (input !== undefined && input === (flags.label ?? flags.target)) {
    throw new UsageError(`column ${quote(input)} cannot be both the input and the answer`);
  }
}

function findInput(table: Table, flags: ColumnFlags): { kind: InputKind; column: string } {
  if (flags.text !== undefined) return { kind: "text", column: flags.text };
  if (flags.sequence !== undefined) return { kind: "numbers", column: flags.sequence };
  const free = table.columns.filter((column) => column !== (flags.label ?? flags.target));
  const isSteps = (column: string): boolean => sample(table, column).some(looksLikeSteps);
  const wantsText = flags.next === true;

  const byTextName = byName(free, inputNames.text);
  if (byTextName !== undefined) {
    return { kind: !wantsText && isSteps(byTextName) ? "numbers" : "text", column: byTextName };
  }
  // Rows of one step look like plain numbers, so that only the name tells: one that can hardly mean anything else.
  const sure = wantsText ? undefined : byName(free.filter(isUsualName), inputNames.numbers);
  if (sure !== undefined && sample(table, sure).some((raw) => "value" in parseSteps(raw))) {
    return { kind: "numbers", column: sure };
  }
  const stepColumns = wantsText ? [] : free.filter(isSteps);
  const steps = byName(stepColumns, inputNames.numbers) ?? stepColumns[0];
  if (steps !== undefined) return { kind: "numbers", column: steps };
  const texts = free.filter((column) => sample(table, column).every(isWords));
  const [best] = texts.toSorted((a, b) => distinct(table, b) - distinct(table, a));
  if (best !== undefined) return { kind: "text", column: best };
  if (wantsText) {
    throw new UsageError(`--next: ${table.file} has no column of text that could be continued`, {
      hint: `name one with --text, or leave --next out; the columns are ${listOf(table.columns)}`,
    });
  }
  throw new UsageError(`${table.file}: no column looks like a text or a sequence of numbers`, {
    hint: `name it with --text or --sequence (all steps in one column: 1 2 3); the columns are ${listOf(table.columns)}`,
  });
}

/** A text that is no number. */
function isWords(raw: unknown): boolean {
  return typeof raw === "string" && !("value" in parseNumber(raw));
}

function findTarget(
  table: Table,
  flags: ColumnFlags,
  input: { readonly kind: InputKind },
  rest: readonly string[],
): { kind: TargetKind; column: string | undefined } {
  if (flags.next === true) return { kind: "next", column: undefined };
  const label = flags.label ?? (flags.target === undefined ? byName(rest, labelNames) : undefined);
  if (label !== undefined) return { kind: labelKind(table, label), column: label };
  const column = flags.target ?? byName(rest, targetNames) ?? only(rest);
  if (column !== undefined) {
    const isGuess = flags.target === undefined;
    return { kind: isGuess ? guessKind(table, column) : numberKind(table, column), column };
  }
  if (rest.length === 0 && input.kind === "text") return { kind: "next", column: undefined };
  if (rest.length === 0) {
    throw new UsageError(`${table.file} has sequences of numbers, and nothing to learn from them`, {
      hint: "add a label, a number, or a list with a target for each step",
    });
  }
  const next = input.kind === "text" ? ", or --next to learn each next character" : "";
  throw new UsageError(`${table.file}: which column is to be learnt? They are ${listOf(rest)}`, {
    hint: `say --label COLUMN (a class) or --target COLUMN (numbers)${next}`,
  });
}

/** The part of a column that must be numbers. */
const mostlyNumbers = 0.9;

/** Texts and a few whole numbers are labels; other numbers are targets. */
function guessKind(table: Table, column: string): TargetKind {
  const values = table.rows.map((row) => row.fields.get(column));
  const numbers = values.filter((value) => "value" in parseNumber(value));
  // A few cells that are none make no labels of a column of numbers: they are faults of theirs.
  if (numbers.length < mostlyNumbers * values.length)
    return isListed(table, column, isNumberList) ? "step-number" : labelKind(table, column);
  const isWhole = numbers.every((value) => Number.isInteger(Number(value)));
  const isFew = new Set(numbers.map(String)).size <= 20;
  return isWhole && isFew ? "label" : "number";
}

function labelKind(table: Table, column: string): TargetKind {
  return isListed(table, column, (raw) => Array.isArray(jsonList(raw))) ? "step-label" : "label";
}

function numberKind(table: Table, column: string): TargetKind {
  return isListed(table, column, isNumberList) ? "step-number" : "number";
}

/** Whether the first row that has the field holds a list there: the others are then measured by it. */
function isListed(table: Table, column: string, test: (raw: unknown) => boolean): boolean {
  const first = table.rows.find((row) => row.fields.get(column) !== undefined);
  return first !== undefined && test(first.fields.get(column));
}

function isNumberList(raw: unknown): boolean {
  if (Array.isArray(raw)) return typeof raw[0] !== "string";
  return looksLikeSteps(raw);
}

/** Labels of steps come as JSON lists, in CSV too: a cell `New York` is one label. */
function jsonList(raw: unknown): unknown {
  return typeof raw === "string" && !raw.startsWith("[") ? raw : fromCell(raw);
}

function byName(columns: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = columns.find((column) => column.toLowerCase() === name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function only(columns: readonly string[]): string | undefined {
  return columns.length === 1 ? columns[0] : undefined;
}

function sample(table: Table, column: string): unknown[] {
  const has = (row: Row): boolean => row.fields.get(column) !== undefined;
  return table.rows
    .filter(has)
    .slice(0, 20)
    .map((row) => row.fields.get(column));
}

function distinct(table: Table, column: string): number {
  return new Set(table.rows.map((row) => String(row.fields.get(column)))).size;
}

function listOf(columns: readonly string[]): string {
  return columns.map(quote).join(", ");
}
