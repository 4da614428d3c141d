import { createInterface } from "node:readline";
import { createColors } from "picocolors";

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
  /** The lines of standard input. */
  readonly inputLines: () => AsyncIterable<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly folder: string;
  /** Calls the handler at the first Ctrl-C; a second one kills. Returns what takes the handler away. */
  readonly onInterrupt: (handler: () => void) => () => void;
}

/** Colours for a stream: off where NO_COLOR is set or nobody watches, on where FORCE_COLOR is set. */
export function coloursFor(env: Terminal["env"], interactive: boolean): Colours {
  const isSet = (name: string): boolean => (env[name] ?? "") !== "";
  if (isSet("NO_COLOR") || env["TERM"] === "dumb") return createColors(false);
  return createColors(isSet("FORCE_COLOR") || interactive);
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
    inputLines: () => createInterface({ input: stdin, crlfDelay: Infinity }),
    env,
    folder: process.cwd(),
    onInterrupt: (handler) => {
      const stop = (): void => {
        process.once("SIGINT", () => process.exit(130));
        handler();
      };
      process.once("SIGINT", stop);
      process.once("SIGTERM", stop);
      return () => {
        process.removeListener("SIGINT", stop);
        process.removeListener("SIGTERM", stop);
      };
    },
  };
}
