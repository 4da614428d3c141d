import { DataError } from "../errors.ts";

/**
 * The lines of a stream of bytes, without their ends. A line of more than `most` characters comes cut, with at least one
 * more than the most: what is left of it is never kept.
 *
 * @param name what messages call the stream
 * @throws {@link DataError} for bytes that are no UTF-8 text
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  most: number,
  name: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = "";
  for await (const chunk of stream) {
    const [first = "", ...others] = decoded(() => decoder.decode(chunk, { stream: true })).split(
      "\n",
    );
    line = joined(line, first);
    for (const next of others) {
      yield withoutReturn(line);
      line = joined("", next);
    }
  }
  line = joined(
    line,
    decoded(() => decoder.decode()),
  );
  if (line !== "") yield withoutReturn(line);

  function joined(start: string, more: string): string {
    return start.length > most ? start : start + more;
  }

  function decoded(decode: () => string): string {
    let text: string | undefined;
    try {
      text = decode();
    } catch {
      // Told below.
    }
    if (text !== undefined && !text.includes("\0")) return text;
    throw new DataError(`${name} is not UTF-8 text`, {
      hint: "convert it first, for example: iconv -f latin1 -t utf8",
    });
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
