import type { Shared } from "@scan-train/core";
import { describeTask } from "../data/task.ts";
import { refuseIdle } from "../options/given.ts";
import type { InspectFlags } from "../program.ts";
import { formatCount, formatNumber, plural } from "../render/format.ts";
import { openRun } from "../run-folder/read-run.ts";
import type { Terminal } from "../terminal.ts";
import { openPredictor } from "../train/predictor.ts";
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
  const predictor = await openPredictor(run);
  const parameters = predictor.parameters.map(describeParameter);
  const trainer = await openTrainer(run.config, { rows: 1, workers: 1 });
  const programs = { predict: predictor.explain(), ...trainer.explain() };
  await trainer.close();

  if (flags.json) {
    terminal.out(`${JSON.stringify({ config: run.config, parameters, programs }, undefined, 2)}\n`);
    return 0;
  }
  const { bold } = terminal.colours;
  const total = parameters.reduce((sum, { size }) => sum + size, 0);
  const lines = [
    bold(`${run.name}: ${describeTask(run.config.task)}`),
    ...describeOptions({ ...run.config.model, ...run.config.training }),
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

function describeOptions(options: Readonly<Record<string, unknown>>): string[] {
  return columns(Object.entries(options).map(([name, value]) => [`  ${name}`, String(value)]));
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
