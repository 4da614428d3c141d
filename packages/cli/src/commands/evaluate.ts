import { refuseIdle } from "../options/given.ts";
import { defaultWorkers } from "../options/train-flags.ts";
import type { EvalFlags } from "../program.ts";
import { resultLines } from "../render/lines.ts";
import { openRun } from "../run-folder/read-run.ts";
import type { Terminal } from "../terminal.ts";
import { measure } from "../train/measure.ts";
import { openTrainer } from "../train/open-trainer.ts";
import { rowsOfRun } from "../train/run-rows.ts";
import { widenOrNote } from "../train/wide-simd.ts";

/** Measures a trained model again, on the rows kept for its test or on a file. */
export async function evaluate(
  terminal: Terminal,
  name: string,
  flags: EvalFlags,
): Promise<number> {
  const run = await openRun(terminal.folder, name);
  if (flags.data === undefined && run.config.data.source !== "file") {
    const rows = run.config.data.source === "names" ? "names" : "the adding problem";
    const why = `${name} is tested on ${rows}, and there is no file whose rows could be long`;
    refuseIdle(
      flags.given,
      "max-length",
      why,
      "name a file with --data FILE, or leave --max-length out",
    );
  }
  const { part, examples, note } = await rowsOfRun(terminal.folder, run, flags);
  if (note !== undefined) terminal.err(`note: ${note}\n`);
  await widenOrNote(terminal, flags.wideSimd);
  const weights = await run.weights();
  const trainer = await openTrainer(run.config, {
    rows: 1,
    runsOn: { workers: defaultWorkers() },
    weights,
  });
  try {
    const result = await measure(trainer, run.config, part, examples);
    const lines = flags.json ? [JSON.stringify(result)] : resultLines(result, terminal.colours);
    terminal.out(`${lines.join("\n")}\n`);
    return 0;
  } finally {
    await trainer.close();
  }
}
