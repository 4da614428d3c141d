import { parseLabel, parseLabels, parseNumber, parseSteps } from "./cells.ts";
import type { Parsed } from "./cells.ts";
import type { Columns } from "./columns.ts";
import { mostSteps, parseInput, stepsIn } from "./limits.ts";
import type { Problems } from "./problems.ts";
import { type Row, type Table, placeOf } from "./table.ts";
import type { Example, InputValue, Steps, TargetValue } from "./task.ts";

/**
 * The examples of a table, in its order. Rows that fit neither the task nor each other are faults, which are told
 * together with those of its lines.
 *
 * @param maxLength the most steps of a sequence, if not as many as usual
 * @throws {@link DataError} naming up to five rows
 */
export function readExamples(table: Table, columns: Columns, maxLength?: number): Example[] {
  const { problems } = table;
  const examples: Example[] = [];
  const widths = new Widths();
  const most = mostSteps(columns.target, maxLength);
  const parse = (raw: unknown): Parsed<InputValue> => parseInput(columns.input, raw, most);
  for (const row of table.rows) {
    const input = readField(row, columns.inputColumn, parse, problems);
    const { targetColumn } = columns;
    const target =
      targetColumn === undefined
        ? { value: undefined }
        : readField(row, targetColumn, targetParser(columns), problems);
    if (input === undefined || target === undefined) continue;

    const faults = [
      widths.check(row, columns.inputColumn, input.value),
      ...(targetColumn === undefined
        ? []
        : [
            widths.check(row, targetColumn, target.value),
            checkLengths(targetColumn, input.value, target.value),
          ]),
    ].filter((fault) => fault !== undefined);
    for (const { column, fault } of faults) problems.add(placeOf(row, column), fault);
    examples.push({ line: row.line, input: input.value, target: target.value });
  }
  problems.check();
  return examples;
}

interface Fault {
  readonly column: string;
  readonly fault: string;
}

function readField<T>(
  row: Row,
  column: string,
  parse: (raw: unknown) => Parsed<T>,
  problems: Problems,
): { readonly value: T } | undefined {
  const parsed = parse(row.fields.get(column));
  if ("value" in parsed) return parsed;
  problems.add(placeOf(row, column), parsed.fault, parsed.hint);
  return undefined;
}

function targetParser({ target }: Columns): (raw: unknown) => Parsed<TargetValue> {
  switch (target) {
    case "label":
      return parseLabel;
    case "number":
      return parseNumber;
    case "step-label":
      return parseLabels;
    case "step-number":
      return parseSteps;
    case "next":
      return () => ({ value: undefined });
    default:
      return target satisfies never;
  }
}

/** Every step of every row has as many numbers as the first row's. */
class Widths {
  readonly #first = new Map<string, { readonly width: number; readonly line: number }>();

  check(row: Row, column: string, value: TargetValue): Fault | undefined {
    const width = isSteps(value) ? value[0]?.length : undefined;
    if (width === undefined) return undefined;
    const first = this.#first.get(column) ?? { width, line: row.line };
    this.#first.set(column, first);
    if (width === first.width) return undefined;
    const wanted = `${first.width} numbers per step, as in line ${first.line}`;
    return { column, fault: `expected ${wanted}, got ${width}` };
  }
}

function checkLengths(column: string, input: InputValue, target: TargetValue): Fault | undefined {
  if (!Array.isArray(target)) return undefined;
  const steps = stepsIn(input);
  if (target.length === steps) return undefined;
  const fault = `expected ${steps} entries, one for each step of the input, got ${target.length}`;
  return { column, fault };
}

function isSteps(value: TargetValue): value is Steps {
  return Array.isArray(value) && Array.isArray(value[0]);
}
