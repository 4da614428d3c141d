import type { NDArray, Shared } from "@scan-train/core";
import { decodeTensors } from "@scan-train/workers";
import { RunFolderError, messageOf } from "../errors.ts";

/** The trained values of a model. */
export interface Weights {
  /** The file they come from, as the user would call it. */
  readonly file: string;
  readonly values: ReadonlyMap<string, NDArray>;
}

/**
 * What the file of a model holds.
 *
 * @param file what messages call it
 * @throws {@link RunFolderError} for bytes that are damaged, or no such file
 */
export function decodeModel(
  bytes: Uint8Array,
  file: string,
): { readonly weights: Weights; readonly metadata: Readonly<Record<string, string>> } {
  try {
    const { tensors, metadata } = decodeTensors(bytes, file);
    return { weights: { file, values: tensors }, metadata };
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
    throw new RunFolderError(`${file} ${what}: it belongs to another config`, {
      hint: "restore model and config from the same run, or train again",
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
