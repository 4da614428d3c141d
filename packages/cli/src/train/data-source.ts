import { relative, sep } from "node:path";
import { mostSteps } from "../data/limits.ts";
import type { TrainFlags } from "../options/train-flags.ts";
import type { DataSource } from "../run-folder/config.ts";
import type { RunFolder } from "../run-folder/run-folder.ts";
import type { Job } from "./job.ts";

/** Where the data came from, as config.json keeps it: the path of a file starts from the run folder. */
export function dataSource(
  job: Job,
  file: string,
  folder: RunFolder,
  { maxLength }: Pick<TrainFlags, "maxLength">,
): DataSource {
  if (job.file === undefined) return { source: "names" };
  const { read, columns } = job.file;
  return {
    source: "file",
    file: relative(folder.path, file).split(sep).join("/"),
    sha256: read.sha256,
    format: read.table.format,
    inputColumn: columns.inputColumn,
    targetColumn: columns.targetColumn ?? null,
    maxLength: mostSteps(job.task.target, maxLength),
  };
}
