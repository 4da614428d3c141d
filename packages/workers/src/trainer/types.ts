/** The words of `createTrainer`. */
import type { Backend, NDArray, Shared, Tensor, Update } from "@scan-train/core";
import type { Dataset } from "../data/dataset.ts";
import type { Field, Fields, Row } from "../data/fields.ts";
import type { PaddingPoke } from "../data/gather.ts";
import type { Fault } from "../protocol/fault.ts";
import type { Evaluation, TrainerEvent } from "./events.ts";

type FieldTensor<X> = X extends Field<infer D> ? Tensor<D> : never;

/** What the trainer adds to the fields. */
export interface ModelExtras {
  /** Time steps of each sequence, `[B]`. */
  readonly lengths: Tensor<"int32">;
  /** Which steps count, `[T, B]`: inside the length, and where the field `mask` says so if there is one. */
  readonly mask: Tensor<"bool">;
  /** A random key per sequence, `[B, 2]`: a function of the seed, the epoch and the row. */
  readonly keys: Tensor<"int32">;
  /** True while training, false in `evaluate` and `predict`: for dropout. */
  readonly training: Tensor<"bool">;
}

/** What the model receives: ragged fields `[T, B, ...]`, others `[B, ...]`. */
export type ModelInputs<F extends Fields> = {
  readonly [K in keyof F]: FieldTensor<F[K]>;
} & Omit<ModelExtras, keyof F>;

/** What the model returns. Nothing in it is averaged: the trainer divides sums over the batch by the total weight, once. */
export interface ModelResult {
  /** `[B]` or `[T, B]`. */
  readonly loss: Tensor;
  /** Of the loss's shape; padding has none, whatever it says. Default: 1 per sequence for `[B]`, the mask for `[T, B]`. */
  readonly weight?: Tensor;
  /** A scalar of parameters alone, added once. */
  readonly penalty?: Tensor;
  /** `[B]` or `[T, B]`, averaged like the loss. */
  readonly metrics?: Readonly<Record<string, Tensor>>;
  /** What `predict` gives: `[B, ...]` or `[T, B, ...]`. */
  readonly outputs?: Readonly<Record<string, Tensor>>;
}

/** How gradients become updates. Those of `@scan-train/core/optim` are such. */
export interface Optimizer {
  /** `scalars`: in what rates and norms are computed and kept; float32 on a GPU. */
  updates(
    parameters: readonly Shared[],
    gradients: readonly Tensor[],
    options?: { readonly scalars?: "float64" | "float32" },
  ): readonly Update[];
}

export interface TrainerOptions<F extends Fields> {
  /** The dataset's fields. */
  readonly data: F;
  /** Builds the graph; called once, on the main thread. */
  readonly model: (inputs: ModelInputs<F>) => ModelResult;
  readonly optimizer: Optimizer;
  /** Sequences per update. */
  readonly batchSize: number;
  /**
   * Where steps run: threads of WebAssembly (default), or a GPU, which takes whole batches and has float32 throughout: other last bits.
   * @example createTrainer({ ..., backend: await openGpu() })
   */
  readonly backend?: Backend;
  /** Threads. It changes no bit of any result. */
  readonly workers?: number;
  /** Of shuffling and of the model's `keys`. Default 0. */
  readonly seed?: number;
  /** Into how many shards a batch is cut. It may change last bits, so it is saved. Default: by the batch size. */
  readonly shards?: number;
  /** Parameters that are not trained. */
  readonly frozen?: readonly Shared[];
  readonly name?: string;
  /**
   * Texts that `model.safetensors` carries beside the parameters, such as what the program needs that opens it.
   * @example createTrainer({ ..., metadata: { labels: JSON.stringify(["female", "male"]) } })
   */
  readonly metadata?: Readonly<Record<string, string>>;
  /** For tests of this package. */
  readonly internal?: InternalOptions;
}

export interface InternalOptions {
  /** Worker deaths; steps are counted from the start of the run. */
  readonly faults?: readonly Fault[];
  readonly poke?: PaddingPoke;
  /** Milliseconds in which a first worker must appear. */
  readonly startTimeout?: number;
}

/** An AbortSignal, as far as it is needed. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface FitOptions<F extends Fields> {
  /** Passes over the data in this call; what is left of an interrupted one counts as one. */
  readonly epochs: number;
  /** Evaluated after each epoch. */
  readonly validation?: Dataset<F> | readonly Row<F>[];
  /** Stops after the shards at hand; what was trained stays. */
  readonly signal?: StopSignal;
  /** A folder to save into after each epoch. */
  readonly checkpoint?: string;
  /** Also yields which worker did which shard. */
  readonly shardEvents?: boolean;
}

/** How far training is: `epoch` whole epochs are done, and `step` updates of the next one. */
export interface Position {
  readonly epoch: number;
  readonly step: number;
}

/** The outputs for one row: `[...]`, or `[length, ...]` where the model gives one per time step. */
export type Prediction = Readonly<Record<string, NDArray>>;

export interface LoadOptions {
  /** Take the parameters and leave optimiser state and position as they are. */
  readonly parametersOnly?: boolean;
}

export interface Trainer<F extends Fields = Fields> {
  readonly name: string;
  readonly workers: number;
  readonly shards: number;
  readonly position: Position;
  /** Copies of the present parameters, by name. @throws ArgumentError SHARED_ON_DEVICE: see `readParameters` */
  readonly parameters: Readonly<Record<string, NDArray>>;
  /** The same between two steps, wherever they are: on a GPU, too. */
  readParameters(): Promise<Readonly<Record<string, NDArray>>>;
  /**
   * Trains; training goes on while events are taken, on threads up to 32 steps ahead of them. Leaving the loop ends it after the shards
   * at hand; what was trained by then stays, whether its events were taken or not.
   */
  fit(
    data: Dataset<F> | readonly Row<F>[],
    options: FitOptions<F>,
  ): AsyncGenerator<TrainerEvent, void, undefined>;
  /** Averages of loss and metrics; changes nothing. */
  evaluate(data: Dataset<F> | readonly Row<F>[]): Promise<Evaluation>;
  /** The model's `outputs`, row by row. Fields that they do not need may be missing. */
  predict(rows: readonly Partial<Row<F>>[]): Promise<Prediction[]>;
  /**
   * Writes `model.safetensors` and `checkpoint.safetensors` into a folder, each as a whole or not at all. A page keeps them in
   * its memory, for `load`.
   * @throws ArgumentError FOLDER_WRITE
   */
  save(folder: string): Promise<void>;
  /**
   * The bytes of `model.safetensors`: the parameters. Equal models are equal bytes.
   * @example const file = new Blob([await trainer.exportModel()]);
   */
  exportModel(): Promise<Uint8Array>;
  /** The bytes of `checkpoint.safetensors`: all that training needs to go on with the same bits. */
  exportCheckpoint(): Promise<Uint8Array>;
  /**
   * Takes up what `save` wrote into a folder, or the bytes of a checkpoint; with `parametersOnly` those of a model.
   * @throws ArgumentError RUN_FOLDER, CHECKPOINT, FILE_CORRUPT, TRAINER_BUSY
   */
  load(source: string | Uint8Array, options?: LoadOptions): Promise<void>;
  /** What the compiler made of each program. */
  explain(): Readonly<Record<string, string>>;
  /** Ends the workers; may be called again. */
  close(): Promise<void>;
}
