import { CommanderError } from "commander";
import { CliError, messageOf } from "./errors.ts";
import { type Commands, createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Understands a command line, does what it says, and tells the user what went wrong.
 *
 * @returns the exit code: 0 well, 1 failed, 2 not understood, 130 or 143 interrupted (Ctrl-C, SIGTERM)
 */
export async function runProgram(
  argv: readonly string[],
  terminal: Terminal,
  commands: Commands,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram(terminal, commands, (code) => (exitCode = code));
  try {
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync([...argv], { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return reportCommander(thrown, terminal);
    return reportFailure(thrown, terminal);
  }
}

/** Commander has already printed its message; asking for help is no error. */
function reportCommander(error: CommanderError, terminal: Terminal): number {
  if (error.exitCode === 0) return 0;
  if (error.code === "commander.excessArguments") {
    terminal.err("hint: a data file is given with --data FILE\n");
  }
  return 2;
}

function reportFailure(thrown: unknown, terminal: Terminal): number {
  const { red, bold } = terminal.colours;
  terminal.err(`${bold(red("error:"))} ${messageOf(thrown)}\n`);
  const hint = thrown instanceof CliError ? thrown.hint : undefined;
  if (hint !== undefined) terminal.err(`  hint: ${hint}\n`);
  if (isSet(terminal.env["DEBUG"])) terminal.err(`${traceOf(thrown)}\n`);
  else if (isDefect(thrown)) {
    terminal.err(
      "  hint: this looks like a fault of scan-train; DEBUG=1 shows where it happened\n",
    );
  }
  return thrown instanceof CliError ? thrown.exitCode : 1;
}

/** What only a mistake in the program throws. */
function isDefect(thrown: unknown): boolean {
  return (
    !(thrown instanceof Error) ||
    [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => thrown instanceof kind)
  );
}

function traceOf(thrown: unknown): string {
  const traces: string[] = [];
  for (let error = thrown; error instanceof Error; error = error.cause) {
    traces.push(error.stack ?? error.message);
  }
  return traces.join("\ncaused by ");
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0";
}
