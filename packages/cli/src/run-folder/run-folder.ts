import type { Stats } from "node:fs";
import { mkdir, readdir, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { CliError, UsageError, systemCode } from "../errors.ts";
import { reasonOf, writeAtomically } from "./atomic-write.ts";

/** The files of a run. */
export const runFiles = {
  model: "model.safetensors",
  config: "config.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  shards: "shards.jsonl",
} as const;

/** A folder to write a run into. */
export interface RunFolder {
  /** As the user would type it. */
  readonly name: string;
  /** The absolute path. */
  readonly path: string;
  /** Takes away what an older run left, so that its model never lies beside a new config, and writes the config. */
  readonly begin: (config: string) => Promise<void>;
  /** Takes the folder away again, if this run made it and saved no model in it. */
  readonly discardIfUntrained: () => Promise<void>;
}

export interface RunFolderOptions {
  /** The folder that relative paths start from. */
  readonly from: string;
  /** The folder the user asks for. */
  readonly out?: string | undefined;
  /** Without `out`: `runs/NAME`, or `runs/NAME-2` and so on where that is taken. */
  readonly name: string;
  /** Write into `out` even if there is something in it. */
  readonly force: boolean;
}

/**
 * Makes the folder of a run and makes sure that it can be written, before any work is done. Nothing is overwritten
 * unless the user says so.
 *
 * @throws {@link UsageError} for an `out` that holds something, {@link CliError} for one that cannot be written
 */
export async function makeRunFolder(options: RunFolderOptions): Promise<RunFolder> {
  const { out, from, force } = options;
  if (out?.trim() === "") {
    throw new UsageError("--out: expected a folder, got an empty text", {
      hint: "name a folder, or leave --out out for runs/NAME",
    });
  }
  const name = out ?? (await freeName(from, join("runs", options.name)));
  const path = resolve(from, name);
  const entries = await entriesOf(path, name);
  if (entries !== undefined && entries.length > 0 && !force) {
    throw new UsageError(`--out ${name}: the folder is not empty`, {
      hint: "choose another folder, or say --force to overwrite a run in it",
    });
  }
  for (const file of Object.values(runFiles)) {
    const isFolder = (entry: Stats): boolean => entry.isDirectory();
    if (!(await stat(join(path, file)).then(isFolder, () => false))) continue;
    throw new CliError(`cannot write into ${name}: its ${file} is a folder`, {
      hint: "choose another folder with --out FOLDER",
    });
  }
  const made: string[] = [];
  try {
    await makeFolders(path, made);
    const probe = join(path, ".write-test");
    await writeAtomically(probe, "");
    await rm(probe);
  } catch (error) {
    const cause = error instanceof CliError ? error.cause : error;
    throw new CliError(`cannot write into ${name}: ${reasonOf(cause)}`, {
      hint: "choose a folder that you may write, with --out FOLDER",
      cause: error,
    });
  }
  const remove = (file: string): Promise<void> => rm(join(path, file), { force: true });
  return {
    name,
    path,
    begin: async (config) => {
      await remove(runFiles.model);
      await remove(runFiles.checkpoint);
      await writeAtomically(join(path, runFiles.config), config);
    },
    discardIfUntrained: async () => {
      if (entries !== undefined || (await readdir(path)).includes(runFiles.model)) return;
      for (const file of [runFiles.config, runFiles.shards]) await remove(file);
      for (const folder of made.toReversed()) await rmdir(folder).catch(() => undefined);
    },
  };
}

/**
 * Level by level: the recursive mkdir of Node never returns where a file system (`/proc`) takes no folders.
 *
 * @param made receives the folders that were not there, from the outermost one
 */
async function makeFolders(path: string, made: string[]): Promise<void> {
  try {
    await mkdir(path);
    made.push(path);
  } catch (error) {
    if (systemCode(error) === "EEXIST") return;
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolders(dirname(path), made);
    await mkdir(path);
    made.push(path);
  }
}

async function freeName(from: string, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const entries = await entriesOf(resolve(from, name), name);
    if (entries === undefined || entries.length === 0) return name;
  }
}

/** What is in a folder; undefined when there is no folder. */
async function entriesOf(path: string, name: string): Promise<string[] | undefined> {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    const isFile = systemCode(error) === "ENOTDIR";
    const reason = isFile ? "it is a file, or lies under one" : reasonOf(error);
    throw new CliError(`cannot write into ${name}: ${reason}`, {
      hint: "choose another folder with --out FOLDER",
      cause: error,
    });
  }
}

/** A file's name without its folders and extension, made of characters that need no quotes: the name of a run. */
export function runNameOf(file: string): string {
  const base = file.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "");
  return base.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "") || "run";
}
