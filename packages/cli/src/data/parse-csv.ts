import Papa from "papaparse";
import { looksLikeSteps, parseNumber } from "./cells.ts";
import { isUsualName } from "./columns.ts";
import { mostCharacters, tooLong } from "./limits.ts";
import { type Problems, quote } from "./problems.ts";
import type { Row, Table } from "./table.ts";

/**
 * Reads CSV (or values separated by tabs, semicolons or bars) whose first line names the columns.
 *
 * @param problems receives what is wrong with rows
 * @param most characters of a row
 * @throws DataError for a header that names no columns, and for quotes that do not end
 */
export function parseCsv(
  file: string,
  text: string,
  problems: Problems,
  most = mostCharacters(),
): Table {
  const rows: Row[] = [];
  let columns: readonly string[] | undefined;
  let headerLine = 1;
  let start = 0;
  let line = 1;
  let isTorn = false;
  Papa.parse<string[]>(text, {
    newline: "\n",
    delimiter: separatorOf(text),
    step: ({ data, errors, meta }) => {
      const first = line;
      const long = tooLong(meta.cursor - start, most, "character");
      line += count(text, "\n", start, meta.cursor);
      start = meta.cursor;
      const cells = data.map((cell) => cell.trim());
      const quotes = errors.find(({ type }) => type === "Quotes");
      if (quotes !== undefined) {
        isTorn = true;
        problems.add(placeIn(text, quotes.index ?? 0), unclosed(quotes.code));
      } else if (long !== undefined) {
        const field = columns?.[longest(cells)];
        problems.add(
          { line: first, ...(field === undefined ? {} : { field }) },
          long.fault,
          long.hint,
        );
      } else if (cells.length === 1 && cells[0] === "") {
        // A blank line.
      } else if (columns === undefined) {
        columns = readHeader(cells, first, problems);
        headerLine = first;
      } else if (cells.length !== columns.length) {
        const wanted = `${columns.length} cells (${columns.map(quote).join(", ")})`;
        problems.add({ line: first }, `expected ${wanted}, got ${cells.length}`);
      } else {
        rows.push({ line: first, fields: new Map(columns.map((name, i) => [name, cells[i]])) });
      }
    },
  });
  const hasHeader = checkHeader(columns ?? [], rows, headerLine, problems);
  // Without names of columns, or behind a quote that is missing, other faults would only confuse.
  if (isTorn || !hasHeader) problems.check();
  return { file, format: "csv", columns: columns ?? [], rows, problems };
}

/** The separator that occurs most often in the first line. */
function separatorOf(text: string): string {
  const header = text.trimStart().split("\n", 1)[0] ?? "";
  const uses = (separator: string): number => header.split(separator).length;
  return [",", "\t", ";", "|"].reduce((best, next) => (uses(next) > uses(best) ? next : best));
}

function longest(cells: readonly string[]): number {
  return cells.reduce((best, cell, i) => (cell.length > (cells[best] ?? "").length ? i : best), 0);
}

function unclosed(code: string): string {
  return code === "MissingQuotes"
    ? `a quoted cell begins here or before, and its closing quote is missing`
    : `expected a separator or the end of the line after the closing quote`;
}

function readHeader(cells: readonly string[], line: number, problems: Problems): string[] {
  cells.forEach((name, index) => {
    if (name === "") problems.add({ line }, `column ${index + 1} has no name in the first line`);
    else if (cells.indexOf(name) < index) {
      problems.add({ line }, `two columns are called ${quote(name)}`);
    }
  });
  return [...cells];
}

/**
 * A first line that is data would be lost as a header: what is a number, or comes again below, names no column. The
 * usual names of columns do, also where a list of words holds them.
 *
 * @returns whether the first line names the columns
 */
function checkHeader(
  columns: readonly string[],
  rows: readonly Row[],
  line: number,
  problems: Problems,
): boolean {
  const remedy = "add a header line such as `text,label` above it";
  if (columns.some((name, i) => name === "" || columns.indexOf(name) < i)) return false;
  for (const name of columns) {
    if ("value" in parseNumber(name) || looksLikeSteps(name)) {
      problems.add({ line }, `expected the names of the columns, got ${quote(name)}; ${remedy}`);
      return false;
    }
    const again = isUsualName(name)
      ? undefined
      : rows.find(({ fields }) => fields.get(name) === name);
    if (again !== undefined) {
      const found = `${quote(name)}, which line ${again.line} has as a value in the same column`;
      problems.add({ line }, `expected the names of the columns, got ${found}; ${remedy}`);
      return false;
    }
  }
  return true;
}

function count(text: string, what: string, from: number, to: number): number {
  let found = 0;
  for (let at = text.indexOf(what, from); at !== -1 && at < to; at = text.indexOf(what, at + 1)) {
    found += 1;
  }
  return found;
}

function placeIn(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index);
  return { line: count(before, "\n", 0, index) + 1, column: index - before.lastIndexOf("\n") };
}
