import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "../errors.ts";
import { type RunFolder, runFiles } from "../run-folder/run-folder.ts";

/** The files that a run reads and writes, as the command line names them. */
export interface FileFlags {
  readonly data?: string;
  readonly log?: string;
}

/**
 * Nothing that is written may take the place of the data or of another file of the run.
 *
 * @param from the folder that relative paths start from
 * @throws {@link UsageError} naming the option
 */
export function checkOverwritten(from: string, { data, log }: FileFlags, folder: RunFolder): void {
  const files = Object.values(runFiles);
  const written = new Map(files.map((file) => [place(join(folder.path, file)), file]));
  if (data !== undefined && written.has(place(resolve(from, data)))) {
    throw new UsageError(`--data ${data}: the run in ${folder.name} would overwrite it`, {
      hint: "choose another folder with --out FOLDER",
    });
  }
  if (log === undefined) return;
  const hint = "name another file with --log FILE";
  if (log.trim() === "")
    throw new UsageError("--log: expected a file, got an empty text", { hint });
  const at = place(resolve(from, log));
  if (data !== undefined && at === place(resolve(from, data))) {
    throw new UsageError(`--log ${log}: it would overwrite the data`, { hint });
  }
  if (written.has(at)) {
    throw new UsageError(`--log ${log}: the run itself writes a file of that name`, { hint });
  }
}

/** A path without links, so that one file has one path; of a file that is not there yet, its folder's. */
function place(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(place(dirname(path)), basename(path));
  }
}
