import { messageOf } from "../errors.ts";
import { mostCharacters, tooLong } from "./limits.ts";
import { repeatedField } from "./repeated-field.ts";
import { type Problems, describe, quote } from "./problems.ts";
import type { Row, Table } from "./table.ts";

/**
 * Reads JSON lines: one object a line, with the same fields in each; blank lines are allowed.
 *
 * @param problems receives what is wrong with lines
 * @param most characters of a line
 */
export function parseJsonl(
  file: string,
  text: string,
  problems: Problems,
  most = mostCharacters(),
): Table {
  const columns = new Set<string>();
  const rows: Row[] = [];
  text.split("\n").forEach((content, index) => {
    const line = index + 1;
    const long = tooLong(content.length, most, "character");
    if (long !== undefined) {
      problems.add({ line, column: most + 1 }, long.fault, long.hint);
      return;
    }
    if (content.trim() === "") return;
    const value = parseLine(content, line, problems);
    if (value === undefined) return;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      const example = `{"text": "Alice", "label": "female"}`;
      problems.add({ line }, `expected an object such as ${example}, got ${describe(value)}`);
      return;
    }
    const twice = repeatedField(content, Object.keys(value).length);
    if (twice !== undefined) {
      problems.add({ line }, `two fields are called ${quote(twice)}`);
      return;
    }
    const fields = new Map<string, unknown>(Object.entries(value));
    for (const name of fields.keys()) columns.add(name);
    rows.push({ line, fields });
  });
  return { file, format: "jsonl", columns: [...columns], rows, problems };
}

function parseLine(content: string, line: number, problems: Problems): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    const reason = messageOf(error).replace(
      /,? (\.\.\.)?".*$| in JSON at .*$| at position .*$/s,
      "",
    );
    const message = `expected a JSON object, but the line is not JSON: ${reason}`;
    problems.add({ line, column: faultColumn(content) }, message);
    return undefined;
  }
}

/**
 * The column of the character that makes a text no JSON. Engines seldom say; but the beginning of a text that ends
 * before that character is merely incomplete, so that a search by halves finds it.
 */
function faultColumn(content: string): number {
  let incomplete = 0;
  let wrong = content.length + 1;
  while (wrong - incomplete > 1) {
    const middle = (incomplete + wrong) >>> 1;
    if (isIncomplete(content.slice(0, middle))) incomplete = middle;
    else wrong = middle;
  }
  return wrong;
}

/** Whether more characters could make it JSON. */
function isIncomplete(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const message = messageOf(error);
    const position = /at position (\d+)/.exec(message)?.[1];
    if (position !== undefined && Number(position) >= beginning.length) return true;
    return /Unexpected end|Unterminated string/.test(message);
  }
}
