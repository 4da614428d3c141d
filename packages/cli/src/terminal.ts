import { constants } from "node:os";
import { createColors } from "picocolors";
import { linesOf } from "./data/input-lines.ts";

/** Colours and weights of text; each function gives the text unchanged where colours are off. */
export type Colours = Pick<
  ReturnType<typeof createColors>,
  "bold" | "dim" | "red" | "green" | "yellow" | "cyan"
>;

/** All that the program sees of the world around it, so that tests can be that world. */
export interface Terminal {
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  /** Standard output as a stream: for the progress bar, which moves the cursor. */
  readonly stream: NodeJS.WritableStream;
  /** Whether somebody watches standard output. */
  readonly interactive: boolean;
  readonly colours: Colours;
  /** Characters in a line. */
  readonly columns: number;
  /** Whether standard input is a keyboard, on which nobody is typing names. */
  readonly inputIsKeyboard: boolean;
  /** The lines of standard input; those of more than `most` characters are cut, but not to the most. */
  readonly inputLines: (most: number) => AsyncIterable<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly folder: string;
  /**
   * Calls the handler at the first Ctrl-C or SIGTERM, with the exit code that tells of it; a second one kills. Returns
   * what takes the handler away.
   */
  readonly onInterrupt: (handler: (exitCode: number) => void) => () => void;
}

/** Colours for a stream: off where NO_COLOR is set or nobody watches, on where FORCE_COLOR is set. */
export function coloursFor(env: Terminal["env"], interactive: boolean): Colours {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("NO_COLOR") || env["TERM"] === "dumb") return createColors(false);
  return createColors(isSet("FORCE_COLOR") || interactive);
}

/** What a shell says of a program that a signal ended: 130 for SIGINT, 143 for SIGTERM. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { stdout, stderr, stdin, env } = process;
  // A reader that has seen enough (`| head`) closes the pipe: no reason to complain.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    stream: stdout,
    interactive: stdout.isTTY && env["TERM"] !== "dumb",
    colours: coloursFor(env, stdout.isTTY),
    columns: stdout.columns ?? 100,
    inputIsKeyboard: stdin.isTTY,
    inputLines: (most) => linesOf(stdin, most, "standard input"),
    env,
    folder: process.cwd(),
    onInterrupt: (handler) => {
      const signals = ["SIGINT", "SIGTERM"] as const;
      const release = (): void => {
        for (const signal of signals) process.removeListener(signal, stop);
      };
      const stop = (first: NodeJS.Signals): void => {
        release();
        for (const signal of signals) process.once(signal, () => process.exit(exitCodeOf(signal)));
        handler(exitCodeOf(first));
      };
      for (const signal of signals) process.once(signal, stop);
      return release;
    },
  };
}
