import { constants } from "node:buffer";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { DataError, UsageError, messageOf, systemCode } from "../errors.ts";
import { formatCount } from "../render/format.ts";

/** The longest text that the engine can hold, in bytes of ASCII. */
const mostBytes = constants.MAX_STRING_LENGTH;

/**
 * The bytes of a data file. They are counted as they come, since a pipe or a device does not say how many there are.
 *
 * @throws {@link DataError} for a file that is missing, unreadable or too large
 */
export async function readBytes(folder: string, file: string): Promise<Buffer> {
  if (file.trim() === "") {
    throw new UsageError("--data: expected a file, got an empty text", {
      hint: "name a JSONL or CSV file",
    });
  }
  const path = resolve(folder, file);
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw tooLarge(file, `it has ${formatCount(size)} bytes`);
    const chunks: Buffer[] = [];
    let read = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      const bytes = Buffer.from(chunk);
      chunks.push(bytes);
      read += bytes.length;
      if (read > mostBytes) throw tooLarge(file, "it has more bytes than can be kept");
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof DataError) throw error;
    const reasons: Record<string, string> = {
      ENOENT: "there is no such file",
      ENOTDIR: "there is no such file",
      EISDIR: "it is a folder; a JSONL or CSV file is wanted",
      EACCES: "you may not read it",
      ENAMETOOLONG: "its name is too long",
    };
    const reason = reasons[systemCode(error) ?? ""] ?? messageOf(error);
    throw new DataError(`cannot read ${file}: ${reason}`, {
      hint: "give a JSONL or CSV file that you may read",
      cause: error,
    });
  }
}

function tooLarge(file: string, why: string): DataError {
  return new DataError(`cannot read ${file}: ${why}, and at most ${formatCount(mostBytes)} fit`, {
    hint: "take a part of its rows",
  });
}
