/** What the test calls in a page that does the command line's default job. */
import {
  datasetOf,
  defaultRunOptions,
  namesJob,
  planRun,
  trainerOptions,
  type RunOptions,
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
  const plan = planRun(job, { ...defaultRunOptions, ...options });
  const config = { ...plan.config, data: job.source };
  const rows = datasetOf(config.encoding, plan.split.train, "the rows to train on");
  const validation = datasetOf(config.encoding, plan.split.validation, "the validation rows");
  const trainer = await createTrainer(
    trainerOptions(config, { rows: rows.size, runsOn: { workers } }),
  );
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
