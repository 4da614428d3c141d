/** What `save` writes and `load` takes up: the model for others, and a checkpoint from which training goes on with the same bits. */
import { ArgumentError, type NDArray } from "@scan-train/core";
import { decodeTensors, encodeTensors } from "./safetensors.ts";
import type { EngineState } from "./step-engine.ts";
import type { Storage } from "./transport.ts";
import type { LoadOptions, Position } from "./types.ts";

export const modelFile = "model.safetensors";
export const checkpointFile = "checkpoint.safetensors";
const version = 1;

/** What decides the bits of a run besides the data and the code. */
export interface RunIdentity {
  readonly seed: number;
  readonly batchSize: number;
  readonly shards: number;
}

/** The JSON part of a checkpoint. All randomness is a function of (seed, epoch, row): the position is the random state. */
interface CheckpointHeader extends RunIdentity {
  readonly version: number;
  readonly name: string;
  readonly position: Position;
  readonly random: {
    readonly generator: "philox4x32-10";
    readonly seed: number;
    readonly epoch: number;
  };
}

/** Names of the state's variables in a file: parameters by their own, the optimiser's by number. */
function fileNames(state: EngineState, parameters: number): string[] {
  return state.variables.map((variable, i) =>
    i < parameters
      ? `parameters/${variable.name ?? i}`
      : `state/${String(i - parameters).padStart(4, "0")} ${variable.name ?? ""}`.trimEnd(),
  );
}

/** What a trainer is at one moment, as files. */
export interface Checkpoint {
  /** The parameters alone, under their own names. */
  readonly model: () => Uint8Array;
  /** All that training needs to go on. */
  readonly checkpoint: () => Uint8Array;
}

export async function takeCheckpoint(
  state: EngineState,
  parameters: number,
  about: RunIdentity & {
    readonly name: string;
    readonly metadata: Readonly<Record<string, string>>;
    readonly position: () => Position;
  },
): Promise<Checkpoint> {
  const { name, seed, batchSize, shards, metadata: modelMetadata } = about;
  const { seen: position, values } = await state.snapshot(about.position);
  const named = (names: readonly string[]): Map<string, NDArray> =>
    new Map(
      names.flatMap((key, i) => {
        const value = values[i];
        return value === undefined ? [] : [[key, value]];
      }),
    );
  const header: CheckpointHeader = {
    version,
    name,
    seed,
    batchSize,
    shards,
    position,
    random: { generator: "philox4x32-10", seed, epoch: position.epoch },
  };
  return {
    model: () => {
      const names = state.variables.slice(0, parameters).map((variable) => variable.name ?? "");
      return encodeTensors({ tensors: named(names), metadata: modelMetadata });
    },
    checkpoint: () => {
      const metadata = { "scan-train checkpoint": JSON.stringify(header) };
      return encodeTensors({ tensors: named(fileNames(state, parameters)), metadata });
    },
  };
}

export async function saveCheckpoint(
  storage: Storage,
  folder: string,
  { model, checkpoint }: Checkpoint,
): Promise<void> {
  // The model first: a checkpoint without its model is the worse half.
  await storage.write(folder, modelFile, model());
  await storage.write(folder, checkpointFile, checkpoint());
}

/** The bytes of a folder's file, or those given, with what messages call them. @throws ArgumentError RUN_FOLDER */
export async function readCheckpoint(
  storage: Storage,
  source: string | Uint8Array,
  { parametersOnly = false }: LoadOptions,
): Promise<{ readonly label: string; readonly bytes: Uint8Array }> {
  const file = parametersOnly ? modelFile : checkpointFile;
  if (typeof source !== "string") return { label: `the ${file} given`, bytes: source };
  return { label: `${source}/${file}`, bytes: await storage.read(source, file) };
}

/** Sets the state from a file and returns the position in the data. @throws ArgumentError CHECKPOINT, FILE_CORRUPT */
export function loadCheckpoint(
  { label, bytes }: { readonly label: string; readonly bytes: Uint8Array },
  state: EngineState,
  parameters: number,
  identity: RunIdentity,
  { parametersOnly = false }: LoadOptions,
): Position | undefined {
  const { tensors, metadata } = decodeTensors(bytes, label);
  const wanted = parametersOnly ? state.variables.slice(0, parameters) : state.variables;
  const names = parametersOnly ? wanted.map((v) => v.name ?? "") : fileNames(state, parameters);
  const position = parametersOnly
    ? undefined
    : checkHeader(label, metadata["scan-train checkpoint"], identity);
  const values = names.map((name, i) => {
    const [value, variable] = [tensors.get(name), wanted[i]];
    const shape = variable?.shape.map((size) => size.constant ?? 0) ?? [];
    if (value === undefined) throw mismatch(label, `has no "${name}"`);
    if (value.dtype !== variable?.dtype || value.shape.join() !== shape.join())
      throw mismatch(
        label,
        `holds "${name}" as ${value.dtype} [${value.shape.join(", ")}], the model has ${variable?.dtype ?? ""} [${shape.join(", ")}]`,
      );
    return value;
  });
  const extra = [...tensors.keys()].find((name) => !names.includes(name));
  if (extra !== undefined) throw mismatch(label, `holds "${extra}", which the model does not have`);
  for (const [i, variable] of wanted.entries()) {
    const value = values[i];
    if (value !== undefined) state.write(variable, value);
  }
  return position;
}

function mismatch(label: string, what: string): ArgumentError {
  return new ArgumentError("CHECKPOINT", `${label} ${what}`, {
    hint: "load it into the model and optimiser it was saved from",
  });
}

function checkHeader(label: string, text: string | undefined, identity: RunIdentity): Position {
  const header = parseHeader(text);
  if (header.version !== version || header.position === undefined)
    throw new ArgumentError(
      "CHECKPOINT",
      `${label} is of version ${header.version ?? "?"}, this is version ${version}`,
      {
        hint: "load it with { parametersOnly: true } to take the parameters alone",
      },
    );
  for (const key of ["seed", "batchSize", "shards"] as const)
    if (header[key] !== identity[key])
      throw new ArgumentError(
        "CHECKPOINT",
        `${label} was trained with ${key} ${header[key] ?? "?"}, the trainer has ${identity[key]}`,
        {
          hint: `make the trainer with ${key}: ${header[key] ?? "?"}, or load with { parametersOnly: true }`,
        },
      );
  return header.position;
}

function parseHeader(text: string | undefined): Partial<CheckpointHeader> {
  try {
    return text === undefined ? {} : (JSON.parse(text) as Partial<CheckpointHeader>);
  } catch {
    return {};
  }
}
