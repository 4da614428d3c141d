import type { NDArray, Shared } from "@scan-train/core";
import { RunFolderError } from "../errors.ts";

/** The trained values of a model. */
export interface Weights {
  /** What messages call them: a file, as the user would. */
  readonly label: string;
  readonly values: ReadonlyMap<string, NDArray>;
  /** Whether their config comes from the same file; else from a config.json beside it. */
  readonly isWhole: boolean;
}

/**
 * Gives parameters their trained values.
 *
 * @throws {@link RunFolderError} for weights of another model
 */
export function setWeights(
  parameters: readonly Shared[],
  { label, values, isWhole }: Weights,
): void {
  const fail = (what: string): never => {
    const why = isWhole ? "its own config says otherwise" : "it belongs to another config.json";
    throw new RunFolderError(`${label} ${what}: ${why}`, {
      hint: `${isWhole ? "take another copy of the file" : "restore both files from the same run"}, or train again`,
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
        `damaged weights: ${label} holds numbers in "${name}" that are not finite`,
        {
          hint: "train again, or restore the file",
        },
      );
    }
    parameter.set(value);
  }
}
