import { createHash } from "node:crypto";
import { DataError } from "../errors.ts";
import { mostCharacters } from "./limits.ts";
import { parseCsv } from "./parse-csv.ts";
import { parseJsonl } from "./parse-jsonl.ts";
import { Problems } from "./problems.ts";
import { readBytes } from "./read-bytes.ts";
import type { Table } from "./table.ts";

/** A table together with the hash of the bytes it was read from. */
export interface ReadTable {
  readonly table: Table;
  readonly sha256: string;
}

/**
 * Reads a JSONL or CSV file: by its extension, or by its first character where the extension says nothing.
 *
 * @param maxLength the most steps of a sequence, if not as many as usual
 * @throws {@link DataError} for a file that is missing, not text, empty, or malformed
 */
export async function readTable(
  folder: string,
  file: string,
  maxLength?: number,
): Promise<ReadTable> {
  const bytes = await readBytes(folder, file);
  const text = decode(file, bytes);
  if (text.trim() === "") {
    throw new DataError(`${file} is empty`, { hint: "give one row per sequence, as JSONL or CSV" });
  }
  const parse = formatOf(file, text) === "jsonl" ? parseJsonl : parseCsv;
  const table = parse(file, text, new Problems(file), mostCharacters(maxLength));
  if (table.rows.length === 0) {
    throw new DataError(`${file} holds no row${table.format === "csv" ? " after its header" : ""}`);
  }
  return { table, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** JSON lines start with a brace, whatever the file is called; the usual extensions need no look inside. */
export function formatOf(file: string, text: string): Table["format"] {
  if (/\.(jsonl|ndjson|jsonlines)$/i.test(file)) return "jsonl";
  if (/\.(csv|tsv)$/i.test(file)) return "csv";
  return /^\s*[{[]/.test(text) ? "jsonl" : "csv";
}

/** The text of a file, without byte order mark and with `\n` at the ends of lines. */
function decode(file: string, bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DataError(`${file} is not UTF-8 text`, {
      hint: `convert it first, for example: iconv -f latin1 -t utf8 ${file}`,
      cause: error,
    });
  }
  if (text.includes("\0")) throw new DataError(`${file} is not text: it holds zero bytes`);
  return text.replace(/\r\n?/g, "\n");
}
