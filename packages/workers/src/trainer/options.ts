/** The trainer's options, checked and completed. */
import { ArgumentError } from "@scan-train/core";
import { isDeviceBackend, unknownOption } from "@scan-train/core/backend-kit";
import { defaultShards } from "../data/batches.ts";
import { checkFields, type Fields } from "../data/fields.ts";
import { maxWorkers } from "../protocol/claims.ts";
import type { FitOptions, TrainerOptions } from "./types.ts";

export interface Settings {
  readonly name: string;
  readonly batchSize: number;
  /** What trains: "wasm", or the name of a device. */
  readonly backend: string;
  readonly workers: number;
  readonly seed: number;
  readonly shards: number;
  readonly startTimeout: number;
  /** For the file of the model. */
  readonly metadata: Readonly<Record<string, string>>;
}

const known: readonly (keyof TrainerOptions<Fields>)[] = [
  "data",
  "model",
  "optimizer",
  "batchSize",
  "backend",
  "workers",
  "seed",
  "shards",
  "frozen",
  "name",
  "metadata",
];

/** @throws ArgumentError TRAINER_OPTION, and what is wrong with the fields */
export function settingsOf<F extends Fields>(
  options: TrainerOptions<F>,
  defaultWorkers: number,
): Settings {
  const { internal = {}, ...given } = options;
  checkNames("createTrainer", given, known);
  checkNames("internal", internal, ["faults", "poke", "startTimeout"]);
  if (typeof options.model !== "function" || options.data === undefined)
    throw new ArgumentError("TRAINER_OPTION", "createTrainer needs data and model", {
      hint: "data: the fields of a row; model: a function from them to { loss }",
    });
  checkFields(options.data);
  const optimizer: unknown = options.optimizer;
  if (typeof optimizer !== "object" || optimizer === null || !("updates" in optimizer))
    throw new ArgumentError(
      "TRAINER_OPTION",
      `optimizer is ${typeof optimizer === "string" ? JSON.stringify(optimizer) : String(optimizer)}, which makes no updates`,
      {
        hint: "take one of @scan-train/core/optim: adam({ learningRate: 3e-3 })",
      },
    );
  const { batchSize, backend } = options;
  const onDevice = isDeviceBackend(backend);
  if (backend !== undefined && !onDevice && backend.name !== "wasm")
    throw new ArgumentError("TRAINER_OPTION", `createTrainer knows no backend ${backend.name}`, {
      hint: "leave it out for threads of WebAssembly, or give await openGpu() of @scan-train/gpu",
    });
  if (onDevice) refuseThreads(backend.name, options);
  const settings = {
    name: options.name ?? "model",
    batchSize,
    backend: onDevice ? backend.device.label : "wasm",
    workers: onDevice ? 1 : (options.workers ?? defaultWorkers),
    seed: options.seed ?? 0,
    shards: onDevice ? 1 : (options.shards ?? Math.min(batchSize, defaultShards(batchSize))),
    startTimeout: internal.startTimeout ?? 20_000,
    metadata: checkedMetadata(options.metadata ?? {}),
  };
  requireInteger("batchSize", batchSize, 1, 1 << 24);
  requireInteger("workers", settings.workers, 1, maxWorkers);
  requireInteger("seed", settings.seed, 0, Number.MAX_SAFE_INTEGER);
  requireInteger("shards", settings.shards, 1, Math.min(batchSize, 256));
  return settings;
}

/** @throws ArgumentError TRAINER_OPTION */
function checkedMetadata(metadata: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string")
      throw new ArgumentError("TRAINER_OPTION", `metadata: "${name}" is ${typeof text}, no text`, {
        hint: "files hold texts: JSON.stringify(value) makes one of anything",
      });
    texts[name] = text;
  }
  return texts;
}

/** A device takes whole batches. @throws ArgumentError TRAINER_OPTION */
function refuseThreads(
  backend: string,
  options: { readonly workers?: number; readonly shards?: number },
): void {
  for (const name of ["workers", "shards"] as const)
    if ((options[name] ?? 1) !== 1)
      throw new ArgumentError("TRAINER_OPTION", `${name} is ${options[name]}, on ${backend}`, {
        hint: `leave ${name} out: a batch goes to the GPU as a whole`,
      });
}

const knownToFit: readonly (keyof FitOptions<Fields>)[] = [
  "epochs",
  "validation",
  "signal",
  "checkpoint",
  "shardEvents",
];

/** @throws ArgumentError TRAINER_OPTION */
export function checkFitOptions<F extends Fields>(options: FitOptions<F>): void {
  checkNames("fit", options, knownToFit);
  requireInteger("epochs", options.epochs, 1, Number.MAX_SAFE_INTEGER);
}

/** Refuses options that do not exist. @throws ArgumentError TRAINER_OPTION */
export function checkNames(what: string, options: object, names: readonly string[]): void {
  const unknown = unknownOption(options, names);
  if (unknown !== undefined)
    throw new ArgumentError("TRAINER_OPTION", `${what} ${unknown.problem}`, unknown);
}

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new ArgumentError("TRAINER_OPTION", `${name} is ${value}`, {
    hint: `give a whole number from ${least} to ${most}`,
  });
}
