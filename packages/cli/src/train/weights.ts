import type { NDArray, Shared } from "@scan-train/core";
import { decodeTensors } from "@scan-train/workers/node";
import { join } from "node:path";
import { RunFolderError, messageOf } from "../errors.ts";
import { type OpenRun, readRunFile } from "../run-folder/read-run.ts";
import { runFiles } from "../run-folder/run-folder.ts";

/** The trained values of a model. */
export interface Weights {
  /** The file they come from, as the user would call it. */
  readonly file: string;
  readonly values: ReadonlyMap<string, NDArray>;
}

/** @throws {@link RunFolderError} for a file that is missing or damaged */
export async function readWeights({ name, path }: OpenRun): Promise<Weights> {
  const file = join(name, runFiles.model);
  const bytes = await readRunFile(name, path, runFiles.model);
  try {
    return { file, values: decodeTensors(bytes, file).tensors };
  } catch (error) {
    const [first = ""] = messageOf(error).split("\n");
    throw new RunFolderError(`damaged weights: ${first.replace(/^[A-Z_]+: /, "")}`, {
      hint: "train again, or restore the file",
      cause: error,
    });
  }
}

/**
 * Gives parameters their trained values.
 *
 * @throws {@link RunFolderError} for weights of another model
 */
export function setWeights(parameters: readonly Shared[], { file, values }: Weights): void {
  const fail = (what: string): never => {
    throw new RunFolderError(`${file} ${what}: it belongs to another config.json`, {
      hint: "restore both files from the same run, or train again",
    });
  };
  for (const parameter of parameters) {
    const name = parameter.name ?? "";
    const value = values.get(name) ?? fail(`has no parameter "${name}"`);
    const shape = parameter.shape.map((size) => size.constant);
    if (value.dtype !== parameter.dtype || value.shape.join() !== shape.join()) {
      fail(`holds "${name}" as [${value.shape.join(", ")}] in place of [${shape.join(", ")}]`);
    }
    if (!value.data.every(Number.isFinite)) {
      throw new RunFolderError(
        `damaged weights: ${file} holds numbers in "${name}" that are not finite`,
        {
          hint: "train again, or restore the file",
        },
      );
    }
    parameter.set(value);
  }
}
