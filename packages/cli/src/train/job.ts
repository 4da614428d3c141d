import { type ColumnFlags, type FoundColumns, findColumns } from "../data/columns.ts";
import { quote } from "../data/problems.ts";
import { readExamples } from "../data/read-examples.ts";
import { type ReadTable, readTable } from "../data/read-table.ts";
import { describeTask } from "../data/task.ts";
import { UsageError } from "../errors.ts";
import { type Given, refuseIdle } from "../options/given.ts";
import { plural } from "../render/format.ts";
import { runNameOf } from "../run-folder/run-folder.ts";
import { type LearningJob, namesJob } from "./learning-job.ts";

/** Where examples come from, as the command line says it. */
export interface JobFlags extends ColumnFlags {
  readonly given: Given;
  readonly data?: string;
  /** Most steps of a sequence. */
  readonly maxLength?: number;
}

/** A job with the file that it may come from. */
export interface Job extends LearningJob {
  /** The file and its columns; undefined: the names. */
  readonly file: { readonly read: ReadTable; readonly columns: FoundColumns } | undefined;
}

/**
 * Reads the names, or the file that the flags name.
 *
 * @param folder the folder that relative paths start from
 * @throws {@link DataError} for a file that cannot be used, {@link UsageError} for columns that do not fit, or without a file
 */
export async function readJob(folder: string, flags: JobFlags): Promise<Job> {
  if (flags.data !== undefined) return fileJob(folder, flags.data, flags);
  checkNoColumns(flags);
  return { ...namesJob(), file: undefined };
}

/** The names have no columns to choose from: who names one has forgotten the file. */
function checkNoColumns(flags: JobFlags): void {
  for (const flag of ["text", "sequence", "label", "target"] as const) {
    const column = flags[flag];
    if (column === undefined) continue;
    throw new UsageError(`--${flag} ${column}: there is no file to take the column from`, {
      hint: nameFile,
    });
  }
  refuseIdle(flags.given, "max-length", "there is no file whose rows could be long", nameFile);
  refuseIdle(flags.given, "next", "there is no file whose text could be continued", nameFile);
}

const nameFile = "name the file with --data FILE";

/** Where rows are at fault, there may be no column for that reason. */
function columnsOf({ table }: ReadTable, flags: JobFlags): FoundColumns {
  try {
    return findColumns(table, flags);
  } catch (error) {
    table.problems.check();
    throw error;
  }
}

async function fileJob(folder: string, file: string, flags: JobFlags): Promise<Job> {
  const read = await readTable(folder, file, flags.maxLength);
  const columns = columnsOf(read, flags);
  const { input, target, inputColumn, targetColumn, isGuess } = columns;
  const task = { input, target };
  const from = [inputColumn, targetColumn].flatMap((name) =>
    name === undefined ? [] : [quote(name)],
  );
  const choose = isGuess ? "; choose others with --text, --sequence, --label, --target" : "";
  return {
    name: runNameOf(file),
    task,
    examples: readExamples(read.table, columns, flags.maxLength),
    normalise: "none",
    found: `${file}: ${plural(read.table.rows.length, "row")}, ${describeTask(task)} (${from.join(" -> ")}${choose})`,
    file: { read, columns },
  };
}
