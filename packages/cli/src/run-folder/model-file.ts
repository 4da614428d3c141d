import { RunFolderError } from "../errors.ts";
import { type Weights, decodeModel } from "../train/weights.ts";
import { type RunConfig, configKey } from "./config.ts";
import { parseConfig } from "./parse-config.ts";

/** A model that needs nothing beside it: what its numbers mean, and the numbers. */
export interface WholeModel {
  readonly config: RunConfig;
  readonly weights: Weights;
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
  const { weights, metadata } = decodeModel(bytes, label);
  const content = Object.hasOwn(metadata, configKey) ? metadata[configKey] : undefined;
  if (content === undefined) throw withoutConfig(label, metadata);
  const config = parseConfig(content, { name: label, label: `the config in ${label}` });
  return { config, weights };
}

function withoutConfig(label: string, metadata: Readonly<Record<string, string>>): RunFolderError {
  if (Object.hasOwn(metadata, "scan-train checkpoint")) {
    return new RunFolderError(`${label} is a checkpoint, from which only a trainer can go on`, {
      hint: "give the model.safetensors beside it",
    });
  }
  return new RunFolderError(`${label} holds weights alone: it does not say of which model`, {
    hint: "give the folder of the run; models trained since then carry their config",
  });
}
