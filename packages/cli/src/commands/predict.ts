import { encodeInput } from "../data/encode.ts";
import { DataError, UsageError, messageOf } from "../errors.ts";
import { mostCharacters, parseInput, tooLong } from "../data/limits.ts";
import { Problems } from "../data/problems.ts";
import { describeTask } from "../data/task.ts";
import { refuseIdle } from "../options/given.ts";
import type { PredictFlags } from "../program.ts";
import { type Answer, answerText } from "../render/answers.ts";
import type { RunConfig } from "../run-folder/config.ts";
import { openRun } from "../run-folder/read-run.ts";
import type { Terminal } from "../terminal.ts";
import { type ReadInput, answerInputs } from "../train/answer-inputs.ts";
import { continueText } from "../train/continue-text.ts";
import { type Predictor, compilePredictor } from "../train/predictor.ts";
import { longestOf } from "../train/run-rows.ts";
import { widenOrNote } from "../train/wide-simd.ts";

/** Says what a trained model makes of words of the command line, or of the lines of standard input. */
export async function predict(
  terminal: Terminal,
  name: string,
  words: readonly string[],
  flags: PredictFlags,
): Promise<number> {
  const run = await openRun(terminal.folder, name);
  checkFlags(name, run.config, flags);
  const most = longestOf(run.config, flags.maxLength);
  const inputs = await readInputs(terminal, run.config, words, most);
  await widenOrNote(terminal, flags.wideSimd);
  const predictor = await compilePredictor(run.config, {
    weights: await run.weights(),
    temperature: flags.temperature === 0 ? 1 : flags.temperature,
  });
  const answers = answerAll(predictor, run.config, inputs, flags);
  for (const line of flags.json
    ? answers.map((answer) => JSON.stringify(answer))
    : answerText(answers)) {
    terminal.out(`${line}\n`);
  }
  return 0;
}

/** How a text is to be continued is said only to models that continue texts. */
function checkFlags(name: string, { task }: RunConfig, { given, temperature }: PredictFlags): void {
  if (task.target !== "next") {
    for (const option of ["length", "temperature", "seed"]) {
      const why = `${name} does not continue texts (it learnt ${describeTask(task)})`;
      refuseIdle(given, option, why);
    }
  } else if (temperature === 0) {
    const why = "nothing is left to chance at --temperature 0";
    refuseIdle(given, "seed", why, "leave --seed out, or raise --temperature");
  }
}

/** Something to answer, also as the user wrote it. */
interface Input extends ReadInput {
  readonly written: string;
}

async function readInputs(
  terminal: Terminal,
  config: RunConfig,
  words: readonly string[],
  most: number,
): Promise<Input[]> {
  const isTyped = words.length > 0;
  if (!isTyped && terminal.inputIsKeyboard) throw nothingToPredict();
  const problems = new Problems(
    isTyped ? "argument" : "standard input",
    `this model reads ${readableBy(config)}`,
  );
  const inputs: Input[] = [];
  let line = 0;
  const characters = mostCharacters(most);
  for await (const written of isTyped ? words : terminal.inputLines(characters)) {
    line += 1;
    const long = tooLong(written.length, characters, "character");
    if (long !== undefined) {
      problems.add({ line }, `${long.fault.replace(/, got .*/, "")}, got more`, long.hint);
      continue;
    }
    if (!isTyped && written.trim() === "") continue;
    const input = readInput(config, written, most);
    if ("fault" in input) problems.add({ line }, input.fault, input.hint);
    else inputs.push(input);
  }
  problems.check();
  if (inputs.length === 0) throw nothingToPredict();
  return inputs;
}

/** An example has a few numbers in each step; more than that are counted. */
const mostShown = 4;

/** What a model reads, by an example. */
function readableBy({ encoding: { input } }: RunConfig): string {
  if (input.kind === "text") return "text";
  const width = input.scale.mean.length;
  if (width === 1) return "numbers such as [1, 2, 3]";
  if (width > mostShown) return `steps of ${width} numbers each: [[...], [...]]`;
  const steps = [0, 1].map((t) => Array.from({ length: width }, (_, i) => t * width + i + 1));
  return `steps of ${width} numbers each, such as [${steps.map((step) => `[${step.join(", ")}]`).join(", ")}]`;
}

function nothingToPredict(): UsageError {
  return new UsageError("nothing to predict", {
    hint: "give inputs after the run, or pipe them in, one a line",
  });
}

function readInput(
  config: RunConfig,
  written: string,
  most: number,
): Input | { readonly fault: string; readonly hint?: string } {
  const { input } = config.encoding;
  const raw = input.kind === "text" ? written : fromJson(config, written);
  const parsed = parseInput(input.kind, raw, most);
  if ("fault" in parsed) return parsed;
  try {
    return { written, value: parsed.value, encoded: encodeInput(input, parsed.value) };
  } catch (error) {
    if (error instanceof DataError) return { fault: messageOf(error) };
    throw error;
  }
}

/** The numbers of a line: bare, or in the field of an object that the run was trained on. */
function fromJson({ data }: RunConfig, written: string): unknown {
  if (!written.trim().startsWith("{")) return written;
  try {
    const fields: unknown = JSON.parse(written);
    const column = data.source === "file" ? data.inputColumn : "sequence";
    return Object(fields)[column];
  } catch {
    return written;
  }
}

function answerAll(
  predictor: Predictor,
  config: RunConfig,
  inputs: readonly Input[],
  flags: PredictFlags,
): Answer[] {
  const { encoding } = config;
  if (encoding.target.kind === "next" && encoding.input.kind === "text") {
    const { vocabulary } = encoding.input;
    const isGreedy = flags.temperature === 0;
    return inputs.map(({ written }, index) => ({
      input: written,
      continuation: continueText(predictor, vocabulary, written, { ...flags, isGreedy, index }),
    }));
  }
  return answerInputs(predictor, encoding, inputs);
}
