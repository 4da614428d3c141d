import { TrainingError } from "@scan-train/workers/node";
import { join, resolve } from "node:path";
import { quote } from "../data/problems.ts";
import { CliError, messageOf } from "../errors.ts";
import { refuseIdle } from "../options/given.ts";
import type { TrainFlags } from "../options/train-flags.ts";
import { barRenderer } from "../render/bar.ts";
import { type Renderer, type Summary, allRenderers } from "../render/events.ts";
import { logRenderer, metricsRenderer } from "../render/json-lines.ts";
import { plainRenderer } from "../render/plain.ts";
import { type RunConfig, configText } from "../run-folder/config.ts";
import { type RunFolder, makeRunFolder, runFiles } from "../run-folder/run-folder.ts";
import type { Terminal } from "../terminal.ts";
import { adviceOn } from "../train/advice.ts";
import { checkOverwritten } from "../train/check-overwritten.ts";
import { readJob } from "../train/job.ts";
import { heldOutRows, measure } from "../train/measure.ts";
import { openMachine, refuseThreadsOnGpu } from "../train/machine.ts";
import { nextCommand } from "../train/next-command.ts";
import { openTrainer } from "../train/open-trainer.ts";
import { Pace } from "../train/pace.ts";
import { dataSource } from "../train/data-source.ts";
import { type Plan, planRun } from "../train/plan.ts";
import { type RunTrainer, datasetOf } from "../train/trainer-options.ts";

/** Trains a model, tests it, and leaves a run folder. Ends with 130 (Ctrl-C) or 143 (SIGTERM) when interrupted, with what was trained saved. */
export async function train(terminal: Terminal, flags: TrainFlags): Promise<number> {
  if (flags.out === undefined) {
    const why = "without --out a new folder is made, and there is nothing to overwrite";
    refuseIdle(
      flags.given,
      "force",
      why,
      "name the folder with --out FOLDER, or leave --force out",
    );
  }
  refuseThreadsOnGpu(flags);
  const job = await readJob(terminal.folder, flags);
  if (job.task.input === "numbers") {
    const why = `only characters are embedded, and ${quote(job.file?.columns.inputColumn ?? "")} holds numbers`;
    refuseIdle(
      flags.given,
      "embedding",
      why,
      "leave --embedding out, or name a column with --text",
    );
  }
  const plan = planRun(job, flags);
  const { out, force } = flags;
  const folder = await makeRunFolder({ from: terminal.folder, out, name: job.name, force });
  const file = resolve(terminal.folder, flags.data ?? "");
  const config = { ...plan.config, data: dataSource(job, file, folder, flags) };
  try {
    checkOverwritten(terminal.folder, flags, folder);
    return await trainInto({ terminal, flags, plan, config, folder });
  } catch (error) {
    await folder.discardIfUntrained();
    throw error;
  }
}

interface Run {
  readonly terminal: Terminal;
  readonly flags: TrainFlags;
  readonly plan: Plan;
  readonly config: RunConfig;
  readonly folder: RunFolder;
}

async function trainInto(planned: Run): Promise<number> {
  const { terminal, plan, folder, flags } = planned;
  const { encoding, training } = planned.config;
  const dataset = datasetOf(encoding, plan.split.train, "the rows to train on");
  const machine = await openMachine(flags);
  const { backend } = machine;
  const config = { ...planned.config, training: { ...training, backend } };
  const run = { ...planned, config };
  const trainer = await openTrainer(config, { rows: dataset.size, runsOn: machine.runsOn }).catch(
    (error: unknown) => {
      machine.close();
      throw error;
    },
  );
  // Not before: signals wait for a busy thread, and building a large model keeps it busy. Until here they end the program.
  const interruption = new AbortController();
  let interruptedCode = 0;
  const release = terminal.onInterrupt((exitCode) => {
    interruptedCode = exitCode;
    interruption.abort();
  });
  try {
    const renderer = await openRenderers(run);
    try {
      renderer.handle({ kind: "facts", lines: [...plan.facts, ...machine.facts] });
      const fitted = await fit(run, trainer, dataset, renderer, interruption.signal);
      const summary = fitted && { ...fitted, trainedBy: machine.trainedBy };
      if (summary === undefined) {
        terminal.err("interrupted before the first update; there is nothing to save\n");
        await folder.discardIfUntrained();
        return interruptedCode;
      }
      renderer.handle({ kind: "summary", summary });
      return summary.interrupted ? interruptedCode : 0;
    } finally {
      await renderer.close();
    }
  } finally {
    release();
    await trainer.close();
    machine.close();
  }
}

async function openRenderers({ terminal, flags, folder }: Run): Promise<Renderer> {
  const { log, logShards } = flags;
  const path = (name: string): string => join(folder.path, name);
  const screen = terminal.interactive ? barRenderer(terminal) : plainRenderer(terminal);
  const renderers = [screen, metricsRenderer(path(runFiles.metrics))];
  if (log !== undefined) {
    renderers.push(await logRenderer(resolve(terminal.folder, log), log));
  } else if (logShards) {
    const shards = path(runFiles.shards);
    renderers.push(await logRenderer(shards, shards, ["shard", "worker-died", "worker-replaced"]));
  }
  return allRenderers(renderers);
}

/** Trains, saves and measures; undefined when interrupted before anything was learnt. */
async function fit(
  run: Run,
  trainer: RunTrainer,
  dataset: ReturnType<typeof datasetOf>,
  renderer: Renderer,
  signal: AbortSignal,
): Promise<Omit<Summary, "trainedBy"> | undefined> {
  const { plan, config, folder, flags, terminal } = run;
  const { validation } = plan.split;
  const pace = new Pace();
  try {
    const events = trainer.fit(dataset, {
      epochs: flags.epochs,
      signal,
      checkpoint: folder.path,
      shardEvents: flags.logShards,
      ...(validation.length === 0
        ? {}
        : { validation: datasetOf(config.encoding, validation, "the validation rows") }),
    });
    for await (const event of events) {
      // After the first epoch the trainer saves the model.
      const isLast = event.kind === "step" && event.step === event.steps;
      if (isLast && pace.epochs === 0) await folder.begin(configText(config));
      pace.take(event);
      renderer.handle(event);
    }
  } catch (error) {
    throw explainFailure(error, flags, pace, folder);
  }
  if (pace.steps === 0) return undefined;
  const interrupted = signal.aborted && pace.epochs < flags.epochs;
  if (interrupted && pace.epochs === 0) await folder.begin(configText(config));
  if (interrupted) await trainer.save(folder.path);
  const { part, examples } = heldOutRows(plan.split);
  const result = interrupted ? undefined : await measure(trainer, config, part, examples);
  const { size: sequences } = dataset;
  const { training } = config;
  return {
    ...(result === undefined ? {} : { result }),
    advice:
      result === undefined ? [] : adviceOn({ result, updates: pace.steps, sequences, training }),
    interrupted,
    epochs: pace.epochs,
    updates: pace.steps,
    seconds: pace.seconds,
    sequencesPerSecond: pace.sequencesPerSecond,
    waste: pace.waste,
    folder: folder.name,
    next: nextCommand(terminal.folder, folder.name, config, examples),
  };
}

/** A failed step in the words of the command line. */
function explainFailure(error: unknown, flags: TrainFlags, pace: Pace, folder: RunFolder): unknown {
  const [first = ""] = messageOf(error)
    .replace(/^[A-Z_]+: /, "")
    .split("\n");
  const kept = pace.epochs === 0 ? "" : `; ${folder.name} holds the model of epoch ${pace.epochs}`;
  if (messageOf(error).includes("OUT_OF_MEMORY")) {
    return new CliError(`training failed: the memory does not suffice: ${first}${kept}`, {
      hint: "take a smaller --batch or --hidden, fewer --workers, or shorter rows",
      cause: error,
    });
  }
  if (!(error instanceof TrainingError)) return error;
  return new CliError(`training failed: ${first}${kept}`, {
    hint: `lower the learning rate (--lr ${flags.lr / 10}) or the greatest gradient (--clip), and look for extreme numbers in the data`,
    cause: error,
  });
}
