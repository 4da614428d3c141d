import { relative, resolve } from "node:path";
import { DataError, systemCode } from "../errors.ts";
import type { Columns } from "../data/columns.ts";
import { mostSteps } from "../data/limits.ts";
import { misfitOf } from "../data/encode.ts";
import { Problems, quote } from "../data/problems.ts";
import { readExamples } from "../data/read-examples.ts";
import { type ReadTable, readTable } from "../data/read-table.ts";
import { splitExamples } from "../data/split.ts";
import type { Example } from "../data/task.ts";
import type { Result } from "../render/events.ts";
import type { DataSource, RunConfig } from "../run-folder/config.ts";
import type { OpenRun } from "../run-folder/read-run.ts";
import { madeExamples } from "./learning-job.ts";
import { heldOutRows } from "./measure.ts";

/** Rows to test a run on. */
export interface RunRows {
  readonly part: Result["part"];
  readonly examples: readonly Example[];
  /** Something to know about them. */
  readonly note?: string;
}

/** Which rows, as the command line says it. */
export interface RowsFlags {
  /** A file whose rows are all taken. */
  readonly data?: string;
  /** Most steps of a sequence. */
  readonly maxLength?: number;
}

/**
 * The rows that a run kept for its test, found again in its data; or all rows of another file. A model file does not say
 * where its data are: it takes them for its own when they have the same bytes.
 *
 * @param folder the folder that relative paths start from
 * @throws {@link DataError} for a file that is gone, lacks the run's columns, or is malformed
 */
export async function rowsOfRun(
  folder: string,
  run: OpenRun,
  { data: file, maxLength }: RowsFlags,
): Promise<RunRows> {
  const { config } = run;
  const { data } = config;
  const most = longestOf(config, maxLength);
  if (file !== undefined) {
    const { table, sha256 } = await readTable(folder, file, most);
    const examples = fittingExamples(table, run, most);
    const isOwn = run.path === undefined && data.source === "file" && data.sha256 === sha256;
    return isOwn ? heldOutRows(splitExamples(examples, config.split)) : { part: "file", examples };
  }
  if (data.source !== "file") {
    return heldOutRows(splitExamples(madeExamples(data), config.split));
  }
  if (run.path === undefined || data.file === undefined) throw dataUnknown(run);

  const path = resolve(run.path, data.file);
  const name = relative(folder, path).startsWith("..") ? path : relative(folder, path);
  const { table, sha256 } = await readTable(folder, name, most).catch((error: unknown) => {
    throw isMissing(error) ? dataGone(name, run) : error;
  });
  const examples = fittingExamples(table, run, most);
  const rows = heldOutRows(splitExamples(examples, config.split));
  if (sha256 === data.sha256) return rows;
  const note = `${name} has changed since ${run.name} was trained: its test rows may be others`;
  return { ...rows, note };
}

/** The most steps that a run reads: what the command line says, else what it was trained with. */
export function longestOf({ data, task }: RunConfig, wanted: number | undefined): number {
  const trained = data.source === "file" ? data.maxLength : undefined;
  return mostSteps(task.target, wanted ?? trained);
}

/** Whether a data file could not be read since it is not there. */
function isMissing(error: unknown): boolean {
  return error instanceof DataError && systemCode(error.cause) === "ENOENT";
}

function dataGone(file: string, run: OpenRun): DataError {
  return new DataError(`there is no file ${file} any more, on which ${run.name} was trained`, {
    hint: "put it back, or test on another file with --data FILE",
  });
}

function dataUnknown(run: OpenRun): DataError {
  return new DataError(`${run.name} does not say where the file is that it was trained on`, {
    hint: "name it with --data FILE: of that file its test rows are taken, of another all rows",
  });
}

/** The examples of a table, each of which the model of the run can read. */
function fittingExamples(table: ReadTable["table"], { config }: OpenRun, most: number): Example[] {
  const columns = columnsIn(table, config);
  const examples = readExamples(table, columns, most);
  const problems = new Problems(table.file, "the model knows only what it was trained on");
  for (const example of examples) {
    const misfit = misfitOf(config.encoding, example);
    if (misfit === undefined) continue;
    const field = misfit.isInput ? columns.inputColumn : columns.targetColumn;
    problems.add(
      { line: example.line ?? 0, ...(field === undefined ? {} : { field }) },
      misfit.fault,
    );
  }
  problems.check();
  return examples;
}

/** The columns of a run in a table. One that had no file expects the usual ones. */
function columnsIn(table: ReadTable["table"], { data, task }: RunConfig): Columns {
  const columns = { ...task, ...columnsOf(data) };
  for (const column of [columns.inputColumn, columns.targetColumn]) {
    if (column === undefined || table.columns.includes(column)) continue;
    throw new DataError(
      `${table.file} has no column ${quote(column)}, which the run was trained on`,
      {
        hint: `its columns are ${table.columns.map(quote).join(", ")}`,
      },
    );
  }
  return columns;
}

function columnsOf(data: DataSource): Pick<Columns, "inputColumn" | "targetColumn"> {
  switch (data.source) {
    case "names":
      return { inputColumn: "name", targetColumn: "label" };
    case "adding":
      return { inputColumn: "sequence", targetColumn: "target" };
    case "file":
      return { inputColumn: data.inputColumn, targetColumn: data.targetColumn ?? undefined };
    default:
      return data satisfies never;
  }
}
