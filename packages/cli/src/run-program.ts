import { type Command, CommanderError } from "commander";
import { CliError, messageOf } from "./errors.ts";
import { otherWord } from "./options/other-words.ts";
import { inProgramWords } from "./program-words.ts";
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
    else await program.parseAsync(commandOf(argv, program), { from: "user" });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return reportCommander(thrown, argv, terminal, program);
    return reportFailure(thrown, terminal);
  }
}

/** `help train` as `train --help`; of an unknown command only its name, so that the rest hides no message about it. */
function commandOf(argv: readonly string[], program: Command): string[] {
  const isKnown = (word: string): boolean =>
    program.commands.some((command) => command.name() === word);
  const [first = "", second] = argv;
  if (first === "help" && second !== undefined) {
    return isKnown(second) ? [second, "--help"] : [second];
  }
  const isCommand = !first.startsWith("-") && first !== "help";
  return isCommand && !isKnown(first) ? [first] : [...argv];
}

/** Commander has already printed its message; asking for help is no error. */
function reportCommander(
  error: CommanderError,
  argv: readonly string[],
  terminal: Terminal,
  program: Command,
): number {
  if (error.exitCode === 0) return 0;
  const train = program.commands.find((command) => command.name() === "train");
  const ofTrain = (train?.options ?? []).flatMap(({ long }) =>
    typeof long === "string" ? [long] : [],
  );
  const hint = hintFor(error, argv[0] ?? "", ofTrain);
  if (hint !== undefined) terminal.err(`hint: ${hint}\n`);
  return 2;
}

function hintFor(
  { code, message }: CommanderError,
  command: string,
  ofTrain: readonly string[],
): string | undefined {
  if (code === "commander.excessArguments") {
    return command === "inspect" ? "give one run" : "a data file is given with --data FILE";
  }
  const word = /^error: unknown (?:option|command) '(.*)'/.exec(message)?.[1];
  return word === undefined ? undefined : otherWord(word, command, ofTrain);
}

function reportFailure(thrown: unknown, terminal: Terminal): number {
  const { red, bold } = terminal.colours;
  terminal.err(`${bold(red("error:"))} ${withoutCode(thrown)}\n`);
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

/** The message, without the code that programs go by, and without the place in a user's code: there is none here. */
function withoutCode(thrown: unknown): string {
  return inProgramWords(messageOf(thrown))
    .replace(/^[A-Z]+(_[A-Z]+)*: /, "")
    .replace(/\n {2}at \S+:\d+:\d+(?=\n|$)/g, "");
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
