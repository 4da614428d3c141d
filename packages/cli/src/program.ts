import { Command, Option } from "commander";
import { type Given, givenOptions, refuseRepeats } from "./options/given.ts";
import { decimal, wholeNumber } from "./options/numbers.ts";
import {
  type TrainFlags,
  addTrainOptions,
  maxLengthOption,
  wideSimdOption,
} from "./options/train-flags.ts";
import { commandPrefix, packageVersion } from "./program-name.ts";
import type { Terminal } from "./terminal.ts";

/** What `eval` was asked. */
export interface EvalFlags {
  readonly given: Given;
  readonly data?: string;
  readonly maxLength?: number;
  readonly wideSimd: boolean;
  readonly json: boolean;
}

/** What `predict` was asked. */
export interface PredictFlags {
  readonly given: Given;
  readonly maxLength?: number;
  readonly wideSimd: boolean;
  readonly json: boolean;
  readonly length: number;
  readonly temperature: number;
  readonly seed: number;
}

/** What `inspect` was asked. */
export interface InspectFlags {
  readonly given: Given;
  readonly loops: boolean;
  readonly json: boolean;
}

/** The work behind the commands. Each returns the exit code, and throws what the user is to be told. */
export interface Commands {
  readonly train: (flags: TrainFlags) => Promise<number>;
  readonly evaluate: (run: string, flags: EvalFlags) => Promise<number>;
  readonly predict: (
    run: string,
    inputs: readonly string[],
    flags: PredictFlags,
  ) => Promise<number>;
  readonly inspect: (run: string, flags: InspectFlags) => Promise<number>;
  readonly backends: () => Promise<number>;
}

/**
 * The command line as commander knows it. It writes to the terminal and throws in place of ending the process;
 * `exit` receives the exit code of the command that ran.
 */
export function createProgram(
  terminal: Terminal,
  commands: Commands,
  exit: (code: number) => void,
): Command {
  const self = commandPrefix(terminal.folder);
  const program = new Command("scan-train")
    .description("Train, test and use sequence models: symbolic scan, compiled to WebAssembly.")
    .version(packageVersion(), "-v, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help for a command")
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
    })
    .configureHelp({ optionDescription: describeOption })
    .showHelpAfterError("(run it with --help to see what there is)")
    .addHelpText("after", programHelp(self));

  const add = (usage: string, description: string, examples: string): Command =>
    program
      .command(usage)
      .description(description)
      .helpOption("-h, --help", "print help")
      .addHelpText("after", `\n${examples}`);

  addTrainOptions(add("train", trainDescription, trainHelp(self))).action(
    async (flags: TrainFlags, command: Command) =>
      exit(await commands.train(withGiven(flags, command))),
  );
  add(
    "eval <run>",
    "Test a trained model again, on its own test rows or on a file.",
    evalHelp(self),
  )
    .option("--data <file>", "test on all rows of this file, with the columns of the run")
    .addOption(maxLengthOption())
    .addOption(wideSimdOption())
    .option("--json", "print JSON", false)
    .action(async (run: string, flags: EvalFlags, command: Command) =>
      exit(await commands.evaluate(run, withGiven(flags, command))),
    );
  addPredictOptions(
    add(
      "predict <run> [input...]",
      "Say what a trained model makes of its input.",
      predictHelp(self),
    ),
  ).action(async (run: string, inputs: readonly string[], flags: PredictFlags, command: Command) =>
    exit(await commands.predict(run, inputs, withGiven(flags, command))),
  );
  add(
    "inspect <run>",
    "Show what is in a run: parameters, options, compiled steps.",
    inspectHelp(self),
  )
    .option("--loops", "print the compiled loops too", false)
    .option("--json", "print JSON", false)
    .action(async (run: string, flags: InspectFlags, command: Command) =>
      exit(await commands.inspect(run, withGiven(flags, command))),
    );
  add(
    "backends",
    "Show what can train here, and what a GPU does not do.",
    `Examples:\n  ${self} backends\n  ${self} train --backend webgpu\n`,
  ).action(async () => exit(await commands.backends()));
  program.commands.forEach(refuseRepeats);
  return program;
}

/** What commander read, and which of it the user wrote. */
function withGiven<F>(flags: F, command: Command): F & { readonly given: Given } {
  return { ...flags, given: givenOptions(command) };
}

/** What an option is for, what it takes, and its default where that says something. */
function describeOption({ description, argChoices, defaultValue, ...option }: Option): string {
  const choices = argChoices === undefined ? [] : [argChoices.join(", ")];
  const isSwitch = defaultValue === undefined || typeof defaultValue === "boolean";
  const shown = isSwitch ? [] : [`default: ${option.defaultValueDescription ?? defaultValue}`];
  const more = [...choices, ...shown].join("; ");
  return more === "" ? description : `${description} (${more})`;
}

function addPredictOptions(command: Command): Command {
  return command
    .option("--json", "print one JSON object per line", false)
    .addOption(maxLengthOption())
    .addOption(wideSimdOption())
    .addOption(
      new Option("--length <count>", "characters to write (models that continue text)")
        .argParser(wholeNumber({ least: 1, most: 100_000 }))
        .default(80),
    )
    .addOption(
      new Option("--temperature <number>", "how freely to choose them; 0: always the likeliest")
        .argParser(decimal({ least: 0, most: 10 }))
        .default(0.7),
    )
    .addOption(
      new Option("--seed <number>", "where the choices start")
        .argParser(wholeNumber({ least: 0, most: 4_294_967_295 }))
        .default(1),
    );
}

const trainDescription =
  "Train a model, test it, and save it. Without options: is a first name male or female?";

const programHelp = (self: string): string => `
Examples:
  ${self} train                            the names job: a few seconds
  ${self} predict runs/names Alice Bob     what the model makes of two names
  ${self} train --data reviews.csv         your own data
  ${self} train --help                     all that can be chosen
`;

const trainHelp = (
  self: string,
): string => `Data files hold one sequence per row; lengths may differ:
  {"text": "Alice", "label": "female"}                     a label for a text
  {"text": "Call me Ishmael."}                             text alone: the next character
  {"sequence": [0.1, 0.7, 0.2], "label": "rising"}         a label for numbers
  {"sequence": [[1, 0], [2, 1]], "target": 3.5}            a number for steps of two numbers
  {"sequence": [1, 2, 3], "target": [2, 4, 6]}             a number for each step
  In CSV the first line names the columns; a cell holds a sequence as 0.1 0.7 0.2 or 1 0; 2 1.

Examples:
  ${self} train
  ${self} train --bidirectional --workers 2
  ${self} train --data reviews.csv --text review --label stars
  ${self} train --data signals.jsonl --cell lstm --hidden 128 --epochs 30
  ${self} train --data book.jsonl --next --layers 2 --out runs/book
`;

const aboutRun =
  "<run> is the folder that train printed at its end, or a model.safetensors by itself.";

const evalHelp = (self: string): string => `${aboutRun}
A model.safetensors by itself does not know where its data are: name the file, and its test rows are found in it.

Examples:
  ${self} eval runs/names
  ${self} eval runs/reviews --data newer-reviews.csv
  ${self} eval Downloads/model.safetensors
`;

const predictHelp = (self: string): string => `${aboutRun}
Without inputs it reads standard input, one a line. Sequences of numbers are JSON.

Examples:
  ${self} predict runs/names Alice Bob
  ${self} predict Downloads/model.safetensors Alice
  cat names.txt | ${self} predict runs/names --json
  ${self} predict runs/signals '[0.1, 0.7, 0.2]'
  ${self} predict runs/book "It was " --length 200
`;

const inspectHelp = (self: string): string => `${aboutRun}

Examples:
  ${self} inspect runs/names
  ${self} inspect runs/names --loops
`;
