import { runProgram } from "./run-program.ts";
import type { Commands } from "./program.ts";
import { type Terminal, processTerminal } from "./terminal.ts";

/**
 * The program `scan-train`.
 *
 * @param argv the words after the program's name
 * @returns the exit code: 0 well, 1 failed, 2 not understood, 130 or 143 interrupted (Ctrl-C, SIGTERM)
 */
export function main(
  argv: readonly string[],
  terminal: Terminal = processTerminal(),
): Promise<number> {
  return runProgram(argv, terminal, commandsFor(terminal));
}

/** The commands, each loaded when it is called: help needs no compiler. */
function commandsFor(terminal: Terminal): Commands {
  return {
    train: async (flags) => (await import("./commands/train.ts")).train(terminal, flags),
    evaluate: async (run, flags) =>
      (await import("./commands/evaluate.ts")).evaluate(terminal, run, flags),
    predict: async (run, inputs, flags) =>
      (await import("./commands/predict.ts")).predict(terminal, run, inputs, flags),
    inspect: async (run, flags) =>
      (await import("./commands/inspect.ts")).inspect(terminal, run, flags),
    backends: async () => (await import("./commands/backends.ts")).backends(terminal),
  };
}
