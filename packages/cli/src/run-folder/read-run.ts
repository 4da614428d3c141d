import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunFolderError, UsageError, systemCode } from "../errors.ts";
import { reasonOf } from "./atomic-write.ts";
import type { RunConfig } from "./config.ts";
import { readModelFile } from "./model-file.ts";
import { parseConfig } from "./parse-config.ts";
import { runFiles } from "./run-folder.ts";
import { type Weights, decodeModel } from "../train/weights.ts";

/** A finished run: its config, and what it learnt. */
export interface OpenRun {
  /** As the user called it. */
  readonly name: string;
  /** The run folder, which paths in the config start from; undefined for a model file that lies anywhere. */
  readonly path: string | undefined;
  readonly config: RunConfig;
  /** @throws {@link RunFolderError} for weights that are missing or damaged */
  readonly weights: () => Promise<Weights>;
}

/**
 * Opens a run folder, or the file of a model that carries its config.
 *
 * @throws {@link RunFolderError} for a folder that is missing, no run, or damaged; for a file that is no whole model
 */
export async function openRun(from: string, name: string): Promise<OpenRun> {
  if (name.trim() === "") {
    throw new UsageError("expected a run folder, got an empty text", { hint: trainHint });
  }
  const path = resolve(from, name);
  if (await isModelFile(path, name)) return openModel(name, path);
  const content = new TextDecoder().decode(await readRunFile(name, path, runFiles.config));
  return {
    name,
    path,
    config: parseConfig(content, { name, label: join(name, runFiles.config) }),
    weights: async () => {
      const file = join(name, runFiles.model);
      return decodeModel(await readRunFile(name, path, runFiles.model), file).weights;
    },
  };
}

/** The file of a model alone. */
async function openModel(name: string, path: string): Promise<OpenRun> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new RunFolderError(`cannot read ${name}: ${reasonOf(error)}`, {
      hint: "make it readable, or give another model",
      cause: error,
    });
  });
  const { config, weights } = readModelFile(new Uint8Array(bytes), name);
  return { name, path: undefined, config, weights: () => Promise.resolve(weights) };
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

const trainHint =
  "give the folder that `scan-train train` printed at its end, or a model.safetensors";

/** Whether a model's file is meant, or else the folder of a run. */
async function isModelFile(path: string, name: string): Promise<boolean> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    const isMissing = systemCode(error) === "ENOENT";
    const kind = name.endsWith(modelEnding) ? "file" : "folder";
    const message = isMissing ? `there is no ${kind} ${name}` : `${name}: ${reasonOf(error)}`;
    throw new RunFolderError(message, { hint: trainHint, cause: error });
  }
  if (isFolder) return false;
  if (name.endsWith(modelEnding)) return true;
  throw new RunFolderError(`${name} is a file, and no model (${modelEnding})`, { hint: trainHint });
}

const modelEnding = ".safetensors";
