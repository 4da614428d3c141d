import { type Command, Option } from "commander";
import { availableParallelism } from "node:os";
import { cells, most, optimizers, schedules } from "../run-folder/config.ts";
import type { Given } from "./given.ts";
import { decimal, rowsKept, wholeNumber } from "./numbers.ts";
import { type RunOptions, defaultRunOptions as defaults } from "./run-options.ts";

/** What the command line of `train` says, with defaults filled in. */
export interface TrainFlags extends RunOptions {
  readonly given: Given;
  readonly data?: string;
  readonly text?: string;
  readonly sequence?: string;
  readonly label?: string;
  readonly target?: string;
  readonly next?: boolean;
  readonly maxLength?: number;
  readonly backend: (typeof backends)[number];
  readonly workers: number;
  readonly wideSimd: boolean;

  readonly out?: string;
  readonly force: boolean;
  readonly log?: string;
  readonly logShards: boolean;
}

const backends = ["wasm", "webgpu", "auto"] as const;

/** Threads that train where the user names no number: one per core, four at most, since few models feed more. */
export function defaultWorkers(): number {
  return Math.min(availableParallelism(), 4);
}

/** The same for every command that computes. */
export function wideSimdOption(): Option {
  return new Option(
    "--wide-simd",
    "vectors of 32 bytes: an experiment of V8, in Node 24 or later",
  ).default(false);
}

/** The same for every command that reads sequences. */
export function maxLengthOption(): Option {
  return new Option(
    "--max-length <count>",
    "characters or steps that a row may have (default: 20000; 2000000 of a text to continue)",
  ).argParser(wholeNumber({ least: 1, most: most.length }));
}

/** Adds the options of `train` to a command. The defaults were tuned on the names job. */
export function addTrainOptions(command: Command): Command {
  const option = (flags: string, help: string): Option => new Option(flags, help);
  const size = (greatest: number): ((value: string) => number) =>
    wholeNumber({ least: 1, most: greatest });
  return command
    .optionsGroup("Data (names, unless --data says otherwise):")
    .addOption(option("--data <file>", "a JSONL or CSV file, one sequence per row"))
    .addOption(option("--text <column>", "the column with the text to read"))
    .addOption(option("--sequence <column>", "the column with the numbers to read"))
    .addOption(option("--label <column>", "learn the class in this column"))
    .addOption(option("--target <column>", "learn the number, or the list of numbers per step"))
    .addOption(option("--next", "learn to continue the text, character by character"))
    .addOption(maxLengthOption())
    .addOption(
      option("--validation-fraction <part>", "rows kept to watch training")
        .argParser(rowsKept)
        .default(defaults.validationFraction),
    )
    .addOption(
      option("--test-fraction <part>", "rows kept for the final test")
        .argParser(rowsKept)
        .default(defaults.testFraction),
    )

    .optionsGroup("Model:")
    .addOption(option("--cell <kind>", "recurrent cell").choices(cells).default(defaults.cell))
    .addOption(
      option("--hidden <size>", "numbers of a state")
        .argParser(size(most.hidden))
        .default(defaults.hidden),
    )
    .addOption(
      option("--layers <count>", "cells on top of each other")
        .argParser(size(most.layers))
        .default(defaults.layers),
    )
    .addOption(
      option("--bidirectional", "read each sequence in both directions").default(
        defaults.bidirectional,
      ),
    )
    .addOption(
      option("--embedding <size>", "numbers per character of a text")
        .argParser(size(most.embedding))
        .default(defaults.embedding),
    )

    .optionsGroup("Training:")
    .addOption(
      option("--epochs <count>", "passes over the data")
        .argParser(size(most.epochs))
        .default(defaults.epochs),
    )
    .addOption(
      option("--batch <size>", "sequences per update")
        .argParser(size(most.batch))
        .default(defaults.batch),
    )
    .addOption(
      option("--optimizer <name>", "update rule").choices(optimizers).default(defaults.optimizer),
    )
    .addOption(
      option("--lr <rate>", "learning rate")
        .argParser(decimal({ least: 0, most: 100, above: true }))
        .default(defaults.lr),
    )
    .addOption(
      option("--schedule <name>", "how the rate changes: linear falls to nearly nothing")
        .choices(schedules)
        .default(defaults.schedule),
    )
    .addOption(
      option("--clip <norm>", "greatest norm of a gradient; 0: any")
        .argParser(decimal({ least: 0, most: 1e6 }))
        .default(defaults.clip),
    )
    .addOption(
      option(
        "--backend <name>",
        "wasm: threads; webgpu: a GPU, in float32; auto: a GPU if it is real",
      )
        .choices(backends)
        .default("wasm"),
    )
    .addOption(
      option("--workers <count>", "threads; the result is the same for any number")
        .argParser(size(254))
        .default(defaultWorkers(), "one per core, at most 4"),
    )
    .addOption(wideSimdOption())
    .addOption(
      option("--seed <number>", "where random numbers start")
        .argParser(wholeNumber({ least: 0, most: most.seed }))
        .default(defaults.seed),
    )

    .optionsGroup("Output:")
    .addOption(option("--out <folder>", "where to write (default: runs/NAME, numbered)"))
    .addOption(option("--force", "write into --out even if it is not empty").default(false))
    .addOption(option("--log <file>", "write every event to this file as JSON lines"))
    .addOption(
      option(
        "--log-shards",
        "log which worker did which shard, into --log or the run folder",
      ).default(false),
    );
}
