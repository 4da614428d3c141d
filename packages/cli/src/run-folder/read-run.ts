import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunFolderError, UsageError, systemCode } from "../errors.ts";
import { reasonOf } from "./atomic-write.ts";
import type { RunConfig } from "./config.ts";
import { isModelFile, readModelFile, readTensors } from "./model-file.ts";
import { parseConfig } from "./parse-config.ts";
import { runFiles } from "./run-folder.ts";
import type { Weights } from "../train/weights.ts";

/** A finished run: its config, and how to get its weights. */
export interface OpenRun {
  /** As the user called it. */
  readonly name: string;
  /** The run folder; undefined for a model file that lies anywhere. */
  readonly path: string | undefined;
  readonly config: RunConfig;
  /** @throws {@link RunFolderError} for a file that is missing or damaged */
  readonly weights: () => Promise<Weights>;
}

/**
 * Opens a run folder, or the one file `model.safetensors` of a run.
 *
 * @throws {@link RunFolderError} for one that is missing, no run, or damaged
 */
export async function openRun(from: string, name: string): Promise<OpenRun> {
  if (name.trim() === "") {
    throw new UsageError("expected a run folder, got an empty text", { hint: trainHint });
  }
  const path = resolve(from, name);
  return (await isFolder(path, name)) ? openFolder(name, path) : openFile(name, path);
}

async function openFolder(name: string, path: string): Promise<OpenRun> {
  const place = { name, label: join(name, runFiles.config) };
  const content = new TextDecoder().decode(await readRunFile(name, path, runFiles.config));
  return {
    name,
    path,
    config: parseConfig(content, place),
    weights: async () => {
      const label = join(name, runFiles.model);
      const { tensors } = readTensors(await readRunFile(name, path, runFiles.model), label);
      return { label, values: tensors, isWhole: false };
    },
  };
}

async function openFile(name: string, path: string): Promise<OpenRun> {
  if (!isModelFile(name)) {
    throw new RunFolderError(`${name} is neither a folder nor a .safetensors file`, {
      hint: trainHint,
    });
  }
  const { config, weights } = readModelFile(await bytesOf(name, path), name);
  return { name, path: undefined, config, weights: () => Promise.resolve(weights) };
}

async function bytesOf(name: string, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    const message = `cannot read ${name}: ${reasonOf(error)}`;
    throw new RunFolderError(message, { hint: trainHint, cause: error });
  }
}

/** @throws {@link RunFolderError} for a file that is missing or cannot be read */
async function readRunFile(name: string, path: string, file: string): Promise<Uint8Array> {
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

const trainHint =
  "give the folder that `scan-train train` printed at its end, or its model.safetensors";

async function isFolder(path: string, name: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    const what = isModelFile(name) ? "file" : "folder";
    const isMissing = systemCode(error) === "ENOENT";
    const message = isMissing ? `there is no ${what} ${name}` : `${name}: ${reasonOf(error)}`;
    throw new RunFolderError(message, { hint: trainHint, cause: error });
  }
}
