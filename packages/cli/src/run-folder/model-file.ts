import { type TensorFile, decodeTensors } from "@scan-train/workers";
import { RunFolderError, messageOf } from "../errors.ts";
import type { Weights } from "../train/weights.ts";
import type { RunConfig } from "./config.ts";
import { parseConfig } from "./parse-config.ts";

/** The key of a run's config in the header of its model file. */
const configKey = "scan-train run";

/** A model that needs nothing beside it: what its numbers mean, and the numbers. */
export interface WholeModel {
  readonly config: RunConfig;
  readonly weights: Weights;
}

/** Whether a name is that of a model file. */
export function isModelFile(name: string): boolean {
  return name.endsWith(".safetensors");
}

/**
 * What a trainer writes into the header of `model.safetensors`: the config, without the path of the data. Equal runs are
 * so equal files wherever they ran.
 */
export function modelMetadata(config: RunConfig): Readonly<Record<string, string>> {
  const data = config.data.source === "file" ? { ...config.data, file: undefined } : config.data;
  return { [configKey]: JSON.stringify({ ...config, data }) };
}

/**
 * A model from the bytes of its file.
 *
 * @param label what messages call the file
 * @throws {@link RunFolderError} for a file that is damaged, or says not what its numbers mean
 * @example
 * const { config, weights } = readModelFile(await trainer.exportModel(), "the model");
 */
export function readModelFile(bytes: Uint8Array, label: string): WholeModel {
  const { tensors, metadata } = readTensors(bytes, label);
  const content = Object.hasOwn(metadata, configKey) ? metadata[configKey] : undefined;
  if (content === undefined) throw withoutConfig(label, metadata);
  const config = parseConfig(content, { name: label, label: `the config in ${label}` });
  return { config, weights: { label, values: tensors, isWhole: true } };
}

/** The tensors of a file. @throws {@link RunFolderError} for one that is damaged */
export function readTensors(bytes: Uint8Array, label: string): TensorFile {
  try {
    return decodeTensors(bytes, label);
  } catch (error) {
    const [first = ""] = messageOf(error).split("\n");
    throw new RunFolderError(`damaged weights: ${first.replace(/^[A-Z_]+: /, "")}`, {
      hint: "train again, or restore the file",
      cause: error,
    });
  }
}

function withoutConfig(label: string, metadata: TensorFile["metadata"]): RunFolderError {
  if (Object.hasOwn(metadata, "scan-train checkpoint")) {
    return new RunFolderError(`${label} is a checkpoint, from which only a trainer can go on`, {
      hint: "give the model.safetensors beside it",
    });
  }
  return new RunFolderError(`${label} holds numbers, and does not say what they mean`, {
    hint: "`scan-train train` writes that into its model.safetensors; of a model that an older one wrote, give the run folder",
  });
}
