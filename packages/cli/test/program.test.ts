import { join } from "node:path";
import { ArgumentError } from "@scan-train/core";
import { describe, expect, test } from "vitest";
import type { TrainFlags } from "../src/options/train-flags.ts";
import type { Commands } from "../src/program.ts";
import { runProgram } from "../src/run-program.ts";
import { CliError } from "../src/errors.ts";
import { commandPrefix, shellWord } from "../src/program-name.ts";
import { type FakeOptions, fakeTerminal } from "./fake-terminal.ts";

async function run(
  argv: readonly string[],
  commands: Partial<Commands> = {},
  options: FakeOptions = {},
): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal(options);
  const well = (): Promise<number> => Promise.resolve(0);
  const all = {
    train: well,
    evaluate: well,
    predict: well,
    inspect: well,
    backends: well,
    ...commands,
  };
  const code = await runProgram(argv, terminal, all);
  return { code, out: terminal.printed(), err: terminal.complained() };
}

async function flagsOf(argv: readonly string[]): Promise<TrainFlags> {
  let seen: TrainFlags | undefined;
  const { err } = await run(["train", ...argv], {
    train: (flags) => {
      seen = flags;
      return Promise.resolve(0);
    },
  });
  if (seen === undefined) throw new Error(err);
  return seen;
}

test("train without options is the names job", async () => {
  const flags = await flagsOf([]);
  expect(flags).toMatchObject({
    cell: "gru",
    hidden: 64,
    layers: 1,
    bidirectional: false,
    seed: 1,
  });
  expect(flags.data).toBeUndefined();
  expect(flags.workers).toBeGreaterThanOrEqual(1);
  expect(flags.workers).toBeLessThanOrEqual(4);
});

test("options become flags with numbers", async () => {
  const argv = "--data a.csv --text t --lr 1e-2 --clip 0 --workers 3 --seed 0 --log-shards --next";
  expect(await flagsOf(argv.split(" "))).toMatchObject({
    data: "a.csv",
    text: "t",
    lr: 0.01,
    clip: 0,
    workers: 3,
    seed: 0,
    logShards: true,
    next: true,
  });
});

describe("a command line that is not understood ends with 2 and says", () => {
  const cases: readonly (readonly [argv: string, message: RegExp])[] = [
    ["train --epocs 3", /unknown option '--epocs'\n\(Did you mean --epochs\?\)/],
    ["trian", /unknown command 'trian'\n\(Did you mean train\?\)/],
    [
      "train --epochs 0",
      /'--epochs <count>' argument '0' is invalid\. Expected a whole number from 1 to 1000000\./,
    ],
    ["train --epochs 1.5", /Expected a whole number from 1/],
    [
      "train --lr 0",
      /'--lr <rate>' argument '0' is invalid\. Expected a number above 0 and at most 100\./,
    ],
    ["train --lr fast", /Expected a number above 0/],
    [
      "train --workers -1",
      /'--workers <count>' argument '-1' is invalid\. Expected a whole number from 1 to 254\./,
    ],
    [
      "train --cell transformer",
      /argument 'transformer' is invalid\. Allowed choices are rnn, gru, lstm\./,
    ],
    ["train --test-fraction 2", /Expected 0, or a number from 0\.001 to 0\.9\./],
    ["train --hidden", /option '--hidden <size>' argument missing/],
    [
      "train data.csv",
      /too many arguments for 'train'[^]*hint: a data file is given with --data FILE/,
    ],
    ["eval", /missing required argument 'run'/],
    ["help trian", /^error: unknown command 'trian'\n\(Did you mean train\?\)/],
    ["trian --help", /^error: unknown command 'trian'\n/],
    ["train --lr -1", /'-1' is invalid\. Expected a number above 0/],
    ["train --epochs x", /'x' is invalid\. Expected a whole number from 1/],
    ["train --max-length 0", /'0' is invalid\. Expected a whole number from 1/],
    [
      "eval runs/x --backend webgpu",
      /unknown option '--backend'[^]*hint: it belongs to train: the other commands run on WebAssembly, whatever a run was trained on\n/,
    ],
    [
      "predict runs/x --hidden 3",
      /unknown option '--hidden'[^]*hint: it belongs to train: a run keeps what it was trained with\n/,
    ],
    ["predict runs/x --temperature hot", /Expected a number from 0 to 10\./],
  ];
  test.for(cases)("%s", async ([argv, message]) => {
    const { code, out, err } = await run(argv.split(" "));
    expect(err).toMatch(message);
    expect(err).not.toMatch(/^\s+at /m);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });
});

test.for([[[]], [["--help"]], [["train", "--help"]], [["help", "predict"]]])(
  "%j prints help with examples",
  async ([argv = []]) => {
    const { code, out, err } = await run(argv);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^Usage: scan-train/);
    expect(out).toMatch(/Examples:\n.*scan-train\.js (train|predict)/);
  },
);

test("commands are printed as they can be typed: by file in a clone, by npx when installed", () => {
  const inClone = join("/work", "scan-train", "packages", "cli", "bin", "scan-train.js");
  expect(commandPrefix(join("/work", "scan-train"), inClone)).toBe(
    `node ${join("packages", "cli", "bin", "scan-train.js")}`,
  );
  const installed = join("/app", "node_modules", "@scan-train", "cli", "bin", "scan-train.js");
  expect(commandPrefix("/app", installed)).toBe("npx scan-train");
  expect(["runs/names", "a b", "it's"].map(shellWord)).toEqual([
    "runs/names",
    "'a b'",
    `'it'\\''s'`,
  ]);
});

test("--version prints the package's version", async () => {
  const { code, out } = await run(["--version"]);
  expect({ code, out }).toEqual({ code: 0, out: "0.1.0\n" });
});

describe("a failure", () => {
  const failing = (error: unknown): Partial<Commands> => ({ train: () => Promise.reject(error) });

  test("ends with 1, one message and a hint, and no stack trace", async () => {
    const error = new CliError("the disk is full", { hint: "make room" });
    const { code, err } = await run(["train"], failing(error));
    expect({ code, err }).toEqual({ code: 1, err: "error: the disk is full\n  hint: make room\n" });
  });

  test("of a library is told without the code that programs go by", async () => {
    const { err } = await run(["train"], failing(new Error("SOME_CODE: the reason")));
    expect(err).toBe("error: the reason\n");
  });

  test("of a library is told without a place in the code that called it", async () => {
    const error = new ArgumentError("SOME_CODE", "the reason", { hint: "what to do" });
    expect(error.message).toMatch(/\n {2}at .*program\.test\.ts:\d+:\d+\n/);
    const { err } = await run(["train"], failing(error));
    expect(err).toBe("error: the reason\n  hint: what to do\n");
  });

  test("shows where it happened under DEBUG", async () => {
    const error = new CliError("outer", { cause: new Error("inner") });
    const { err } = await run(["train"], failing(error), { env: { DEBUG: "1" } });
    expect(err).toMatch(/CliError: outer\n\s+at [^]*caused by Error: inner\n\s+at /);
  });

  test("of the program itself says so", async () => {
    const { code, err } = await run(["train"], failing(new TypeError("x is not a function")));
    expect({ code, err }).toEqual({
      code: 1,
      err: "error: x is not a function\n  hint: this looks like a fault of scan-train; DEBUG=1 shows where it happened\n",
    });
  });
});
