import type { Shared } from "@scan-train/core";
import { describeTask } from "../data/task.ts";
import { refuseIdle } from "../options/given.ts";
import { vocabularySize } from "../data/vocabulary.ts";
import type { InspectFlags } from "../program.ts";
import { formatCount, formatNumber, plural } from "../render/format.ts";
import type { RunConfig } from "../run-folder/config.ts";
import { openRun } from "../run-folder/read-run.ts";
import type { Terminal } from "../terminal.ts";
import { compilePredictor } from "../train/predictor.ts";
import { openTrainer } from "../train/open-trainer.ts";

/** Shows what is in a run: its options, its parameters, and what the compiler makes of the model. */
export async function inspect(
  terminal: Terminal,
  name: string,
  flags: InspectFlags,
): Promise<number> {
  if (flags.json) {
    const why = "what --json prints has the loops anyway";
    refuseIdle(flags.given, "loops", why, "leave --loops or --json out");
  }
  const run = await openRun(terminal.folder, name);
  const predictor = await compilePredictor(run.config, { weights: await run.weights() });
  const parameters = predictor.parameters.map(describeParameter);
  const trainer = await openTrainer(run.config, { rows: 1, runsOn: { workers: 1 } });
  const embedding = describeEmbedding(run.config);
  const programs = { predict: predictor.explain(), ...trainer.explain() };
  await trainer.close();

  if (flags.json) {
    const { config } = run;
    const facts = {
      config,
      ...(embedding === undefined ? {} : { embedding }),
      parameters,
      programs,
    };
    terminal.out(`${JSON.stringify(facts, undefined, 2)}\n`);
    return 0;
  }
  const { bold } = terminal.colours;
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  const lines = [
    bold(`${run.name}: ${describeTask(run.config.task)}`),
    ...describeOptions(run.config, embedding),
    "",
    bold(`${plural(total, "number")} in ${plural(parameters.length, "parameter")}`),
    ...columns([
      ["name", "shape", "numbers", "norm"],
      ...parameters.map(({ name: parameter, shape, size, norm }) => [
        parameter,
        `[${shape.join(", ")}]`,
        formatCount(size),
        formatNumber(norm),
      ]),
    ]),
    ...Object.entries(programs).flatMap(([title, text]) => [
      "",
      bold(`compiled ${title}`),
      flags.loops ? text : withoutLoops(text),
    ]),
    ...(flags.loops
      ? []
      : ["", "--loops shows the loops that run, --json everything for programs"]),
  ];
  terminal.out(`${lines.join("\n")}\n`);
  return 0;
}

/** The compiler's report up to the loop program, which is long. */
function withoutLoops(report: string): string {
  return report.replace(/\nprogram:\n[^]*$/, "");
}

interface ParameterFacts {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** The square root of the sum of squares. */
  readonly norm: number;
}

function describeParameter(parameter: Shared): ParameterFacts {
  const { shape, data } = parameter.get();
  let squares = 0;
  for (const value of data) squares += value * value;
  return { name: parameter.name ?? "", shape, size: data.length, norm: Math.sqrt(squares) };
}

/** The table of a model of text: a row of numbers for each character. */
interface EmbeddingFacts {
  /** Rows: the characters, one row for all others, one for the start and the end. */
  readonly vocabulary: number;
  /** Numbers in a row. */
  readonly width: number;
}

/** undefined where the model reads numbers. */
function describeEmbedding({ encoding, model }: RunConfig): EmbeddingFacts | undefined {
  if (encoding.input.kind !== "text") return undefined;
  return { vocabulary: vocabularySize(encoding.input.vocabulary), width: model.embedding };
}

/** The options; `embedding` among them means nothing where there is none. */
function describeOptions(
  { model, training }: RunConfig,
  embedding: EmbeddingFacts | undefined,
): string[] {
  const { backend = "wasm" } = training;
  const options = Object.entries({ ...model, ...training, backend, embedding: undefined });
  const rows = options.flatMap(([name, value]) => {
    if (name !== "embedding") return [[`  ${name}`, String(value)]];
    return embedding === undefined ? [] : [[`  ${name}`, embeddingText(embedding)]];
  });
  return columns(rows);
}

function embeddingText({ vocabulary, width }: EmbeddingFacts): string {
  const characters = plural(vocabulary - 2, "character");
  return `vocabulary ${formatCount(vocabulary)} (${characters}, all others, start and end), width ${width}`;
}

/** Rows of words under each other. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((word, column) => word.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
