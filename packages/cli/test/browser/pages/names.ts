/** What the test calls in a page that does the command line's default job. */
import {
  type Answer,
  type RunOptions,
  answerPrefixes,
  compilePredictor,
  datasetOf,
  defaultRunOptions,
  namesJob,
  planRun,
  readModelFile,
  trainerOptions,
} from "@scan-train/cli/job";
import { createTrainer } from "@scan-train/workers/browser";

declare const crossOriginIsolated: boolean;

export interface Trained {
  readonly isolated: boolean;
  readonly sha256: string;
  /** The file's bytes in base64, as far as a test can carry them out of the page. */
  readonly file: string;
  readonly validation: number;
}

/** Trains the names job, as `scan-train train` with the same options. */
export async function trainNames(options: Partial<RunOptions>, workers: number): Promise<Trained> {
  const job = namesJob();
  const { split, config: plan } = planRun(job, { ...defaultRunOptions, ...options });
  const config = { ...plan, data: job.source };
  const rows = datasetOf(config.encoding, split.train, "the rows to train on");
  const validation = datasetOf(config.encoding, split.validation, "the validation rows");
  const setup = { rows: rows.size, runsOn: { workers } };
  const trainer = await createTrainer(trainerOptions(config, setup));
  let accuracy = 0;
  for await (const event of trainer.fit(rows, { epochs: config.training.epochs, validation }))
    if (event.kind === "epoch-end") accuracy = event.validation?.metrics["accuracy"] ?? 0;
  const bytes = await trainer.exportModel();
  await trainer.close();
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return {
    isolated: crossOriginIsolated,
    sha256: Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join(""),
    file: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")),
    validation: accuracy,
  };
}

/** What the model in a file says of a name, letter by letter. */
export async function answer(file: string, name: string): Promise<Answer[]> {
  const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  const { config, weights } = readModelFile(bytes, "the model");
  return answerPrefixes(await compilePredictor(config, { weights }), config.encoding, name);
}
