import { createHash } from "node:crypto";
import { DataError } from "../errors.ts";
import { shellWord } from "../program-name.ts";
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
  const format = formatOf(file, text);
  if (format === "jsonl" && text.trimStart().startsWith("[")) {
    throw new DataError(
      `${file} begins as one list of JSON, and one object in each line is wanted`,
      {
        hint: `take the list apart, for example: jq -c '.[]' ${shellWord(file)} > lines.jsonl`,
      },
    );
  }
  const parse = format === "jsonl" ? parseJsonl : parseCsv;
  const table = parse(file, text, new Problems(file), mostCharacters(maxLength));
  if (table.rows.length === 0) {
    table.problems.check();
    throw new DataError(
      `${file} holds no row${table.format === "csv" ? " after its header" : ""}`,
      {
        hint: "give one row per sequence",
      },
    );
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
  if (isUtf16(bytes)) {
    throw new DataError(`${file} is UTF-16 text, and UTF-8 is wanted`, {
      hint: `convert it first, for example: iconv -f utf-16 -t utf-8 ${shellWord(file)} > converted`,
    });
  }
  if (bytes.includes(0)) {
    throw new DataError(`${file} is not text: it holds zero bytes`, {
      hint: "give the rows as JSONL or CSV",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r\n?/g, "\n");
  } catch (error) {
    throw new DataError(`${file} is not UTF-8 text`, {
      hint: `give the rows as JSONL or CSV; text in another encoding is converted by, for example: iconv -f latin1 -t utf-8 ${shellWord(file)} > converted`,
      cause: error,
    });
  }
}

/** By its byte order mark, or since every second byte of the first line of Western text is zero. */
function isUtf16(bytes: Uint8Array): boolean {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) return true;
  const pairs = Array.from({ length: 4 }, (_, i) => [bytes[2 * i], bytes[2 * i + 1]]);
  return (
    pairs.every(([first, second]) => first === 0 && second !== 0) ||
    pairs.every(([first, second]) => first !== 0 && second === 0)
  );
}
