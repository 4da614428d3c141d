import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunFolderError, UsageError, messageOf, systemCode } from "../errors.ts";
import { reasonOf } from "./atomic-write.ts";
import { checkConfig } from "./check-config.ts";
import { type RunConfig, decodeConfig } from "./config.ts";
import { runFiles } from "./run-folder.ts";

/** The config of a finished run and where the run lies. */
export interface OpenRun {
  /** As the user called it. */
  readonly name: string;
  readonly path: string;
  readonly config: RunConfig;
}

/**
 * Opens a run folder.
 *
 * @throws {@link RunFolderError} for a folder that is missing, no run, or damaged
 */
export async function openRun(from: string, name: string): Promise<OpenRun> {
  if (name.trim() === "") {
    throw new UsageError("expected a run folder, got an empty text", { hint: trainHint });
  }
  const path = resolve(from, name);
  await checkFolder(path, name);
  const content = new TextDecoder().decode(await readRunFile(name, path, runFiles.config));
  return { name, path, config: parseConfig(name, content) };
}

/** @throws {@link RunFolderError} for a file that is missing or cannot be read */
export async function readRunFile(name: string, path: string, file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(join(path, file)));
  } catch (error) {
    const isMissing = systemCode(error) === "ENOENT";
    const message = isMissing
      ? `${name} is not the folder of a finished run: it has no ${file}`
      : `cannot read ${join(name, file)}: ${reasonOf(error)}`;
    throw new RunFolderError(message, { hint: trainHint, cause: error });
  }
}

const trainHint = "give the folder that `scan-train train` printed at its end";

async function checkFolder(path: string, name: string): Promise<void> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    const isMissing = systemCode(error) === "ENOENT";
    const message = isMissing ? `there is no folder ${name}` : `${name}: ${reasonOf(error)}`;
    throw new RunFolderError(message, { hint: trainHint, cause: error });
  }
  if (!isFolder) throw new RunFolderError(`${name} is a file`, { hint: trainHint });
}

function parseConfig(name: string, content: string): RunConfig {
  const damaged = (reason: string, cause: unknown): RunFolderError =>
    new RunFolderError(`${join(name, runFiles.config)} is damaged: ${reason}`, {
      hint: "train again, or restore the file",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    // What engines quote may be anything, also what no terminal should get.
    const reason = messageOf(error)
      .replace(/,? ".*$/s, "")
      .replace(/[^\x20-\x7e]/g, "?");
    throw damaged(`it is not JSON (${reason})`, error);
  }
  const version = Object(value)["version"];
  if (typeof version === "number" && version > 1) {
    throw new RunFolderError(`${name} was written by a newer scan-train (format ${version})`, {
      hint: "update scan-train to read it",
    });
  }
  try {
    const config = decodeConfig(value, "");
    checkConfig(config);
    return config;
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
}
