import { createWriteStream } from "node:fs";
import { once } from "node:events";
import { CliError } from "../errors.ts";
import { reasonOf, writeAtomically } from "../run-folder/atomic-write.ts";
import type { Renderer, RunEvent } from "./events.ts";

/**
 * The first line of a file of events. Version 2 counts epochs and steps from 1; before it there was no such line, and
 * they counted from 0.
 */
export const logHeader = `${JSON.stringify({ kind: "log", version: 2 })}\n`;

/** A renderer of JSON lines: every event (of the given kinds) as one line of text. */
function jsonLines(
  kinds: readonly RunEvent["kind"][] | undefined,
  write: (line: string) => void,
  close: () => Promise<void>,
): Renderer {
  return {
    handle: (event) => {
      if (kinds?.includes(event.kind) ?? true) write(`${JSON.stringify(event)}\n`);
    },
    close,
  };
}

/**
 * Writes events into a file as they come.
 *
 * @param path the absolute path
 * @param name the path as the user gave it
 * @throws {@link CliError} when the file cannot be opened
 */
export async function logRenderer(
  path: string,
  name: string,
  kinds?: readonly RunEvent["kind"][],
): Promise<Renderer> {
  const file = createWriteStream(path);
  try {
    await once(file, "open");
  } catch (error) {
    throw new CliError(`cannot write the log ${name}: ${reasonOf(error)}`, { cause: error });
  }
  let failure: unknown;
  file.on("error", (error) => (failure = error));
  file.write(logHeader);
  return jsonLines(
    kinds,
    (line) => void file.write(line),
    async () => {
      await new Promise<void>((resolve) => file.end(resolve));
      if (failure === undefined) return;
      throw new CliError(`cannot write the log ${name}: ${reasonOf(failure)}`, { cause: failure });
    },
  );
}

/** Keeps the epochs and the end of a run in a file that is whole after each of them. */
export function metricsRenderer(path: string): Renderer {
  let content = logHeader;
  let written: Promise<void> = Promise.resolve();
  return jsonLines(
    ["epoch-end", "summary"],
    (line) => {
      content += line;
      const snapshot = content;
      written = written.then(() => writeAtomically(path, snapshot));
      // Seen by `close`; not a crash before that.
      written.catch(() => undefined);
    },
    () => written,
  );
}
