import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { onTestFinished } from "vitest";
import { coloursFor, exitCodeOf, type Terminal } from "../src/terminal.ts";

/** A terminal that remembers what was printed, and a Ctrl-C to press. */
export interface FakeTerminal extends Terminal {
  readonly printed: () => string;
  readonly complained: () => string;
  readonly interrupt: (signal: NodeJS.Signals) => void;
}

export interface FakeOptions {
  readonly folder?: string;
  readonly interactive?: boolean;
  readonly input?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export function fakeTerminal(options: FakeOptions = {}): FakeTerminal {
  const { interactive = false, env = {}, input } = options;
  const handlers = new Set<(exitCode: number) => void>();
  let printed = "";
  let complained = "";
  const stream = new PassThrough();
  stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  Object.assign(stream, { isTTY: interactive, columns: 100 });
  return {
    out: (text) => (printed += text),
    err: (text) => (complained += text),
    stream,
    interactive,
    colours: coloursFor(env, interactive),
    columns: 100,
    inputIsKeyboard: input === undefined,
    inputLines: async function* () {
      yield* input ?? [];
    },
    env,
    folder: options.folder ?? process.cwd(),
    onInterrupt: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    printed: () => printed,
    complained: () => complained,
    interrupt: (signal) => handlers.forEach((handler) => handler(exitCodeOf(signal))),
  };
}

/** A new folder. */
export function makeFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "scan-train-cli-")));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A new folder that goes when the test ends. */
export function temporaryFolder(): string {
  const { folder, remove } = makeFolder();
  onTestFinished(remove);
  return folder;
}
