/** The trainer: epochs, events, evaluation, prediction, checkpoints. The same on every platform. */
import { ArgumentError, type NDArray } from "@scan-train/core";
import { isDeviceBackend } from "@scan-train/core/backend-kit";
import { evaluationBatches } from "../data/batches.ts";
import { Dataset, createDataset } from "../data/dataset.ts";
import type { Fields, Row } from "../data/fields.ts";
import { checkApart } from "./apart.ts";
import {
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
  takeCheckpoint,
  type Checkpoint,
} from "./checkpoint.ts";
import { openDevice } from "./device-engine.ts";
import type { Evaluation, TrainerEvent } from "./events.ts";
import { fitEvents, type FitContext } from "./fit.ts";
import { buildModel, type ModelGraph } from "./model-graph.ts";
import { checkFitOptions, checkNames, settingsOf, type Settings } from "./options.ts";
import { predictionColumns, predictionFields, rowPredictions } from "./predict.ts";
import { compilePrograms, type ProgramFaces } from "./programs.ts";
import { elementsOf } from "./state-values.ts";
import type { StepEngine } from "./step-engine.ts";
import { requestsOf, Totals } from "./steps.ts";
import type { Platform, Storage } from "./transport.ts";
import type {
  FitOptions,
  LoadOptions,
  Position,
  Prediction,
  Trainer,
  TrainerOptions,
} from "./types.ts";

/** Builds the graph, compiles it, and opens the pool. */
export async function makeTrainer<const F extends Fields>(
  platform: Platform,
  options: TrainerOptions<F>,
): Promise<Trainer<F>> {
  const settings = settingsOf(options, platform.defaultWorkers);
  const model = buildModel(options.data, options.model, options.frozen ?? []);
  const { backend } = options;
  if (isDeviceBackend(backend)) {
    const { faces, engine } = await openDevice(settings, model, options.optimizer, backend);
    return new PlatformTrainer(options.data, settings, model, faces, engine, platform.storage);
  }
  // Workers start while the programs are compiled.
  const source = platform.open(settings.workers);
  try {
    const programs = await compilePrograms(settings.name, model, options.optimizer, source);
    const engine = source.create({
      settings,
      programs,
      parameters: model.parameters,
      faults: options.internal?.faults ?? [],
      poke: options.internal?.poke ?? {},
    });
    return new PlatformTrainer(options.data, settings, model, programs, engine, platform.storage);
  } catch (error) {
    await source.close();
    throw error;
  }
}

class PlatformTrainer<F extends Fields> implements Trainer<F> {
  readonly #fields: F;
  readonly #settings: Settings;
  readonly #model: ModelGraph;
  readonly #programs: ProgramFaces;
  readonly #engine: StepEngine;
  readonly #storage: Storage;
  /** Where training stood when no step was going through. */
  #settled: Position = { epoch: 0, step: 0 };
  #fitting = false;
  /** Whether a trial has shown that the model keeps sequences apart. */
  #apart = false;
  #livePosition: (() => Position) | undefined;

  constructor(
    fields: F,
    settings: Settings,
    model: ModelGraph,
    programs: ProgramFaces,
    engine: StepEngine,
    storage: Storage,
  ) {
    this.#fields = fields;
    this.#settings = settings;
    this.#model = model;
    this.#programs = programs;
    this.#engine = engine;
    this.#storage = storage;
  }

  get name(): string {
    return this.#settings.name;
  }
  get workers(): number {
    return this.#settings.workers;
  }
  get shards(): number {
    return this.#settings.shards;
  }
  get position(): Position {
    return this.#livePosition?.() ?? this.#settled;
  }

  get parameters(): Readonly<Record<string, NDArray>> {
    return Object.fromEntries(
      this.#model.parameters.map((p) => [p.name ?? "", this.#engine.state.read(p)]),
    );
  }

  async readParameters(): Promise<Readonly<Record<string, NDArray>>> {
    const { values } = await this.#engine.state.snapshot(() => undefined);
    const { parameters } = this.#model;
    return Object.fromEntries(
      values.slice(0, parameters.length).map((value, i) => [parameters[i]?.name ?? "", value]),
    );
  }

  async *fit(
    data: Dataset<F> | readonly Row<F>[],
    options: FitOptions<F>,
  ): AsyncGenerator<TrainerEvent, void, undefined> {
    this.#requireIdle("fit");
    checkFitOptions(options);
    this.#fitting = true;
    try {
      yield* this.#fit(data, options);
    } finally {
      this.#fitting = false;
    }
  }

  async *#fit(
    data: Dataset<F> | readonly Row<F>[],
    options: FitOptions<F>,
  ): AsyncGenerator<TrainerEvent, void, undefined> {
    const dataset = this.#dataset(data, "the training data");
    const validation =
      options.validation === undefined
        ? undefined
        : this.#dataset(options.validation, "the validation data");
    await this.#engine.prepare(dataset.size);
    const context: FitContext = {
      settings: this.#settings,
      engine: this.#engine,
      programs: this.#programs,
      parameterCount: this.#model.parameters.reduce((n, p) => n + elementsOf(p), 0),
      dataset,
      validation,
      position: this.#settled,
      follow: (position) => {
        this.#livePosition = position;
      },
      settle: () => {
        this.#settled = this.position;
        this.#livePosition = undefined;
      },
      save: (folder) => this.save(folder),
      checkApart: async () => {
        if (!this.#apart) await checkApart(this.#engine, this.#programs, dataset);
        this.#apart = true;
      },
    };
    yield* fitEvents(context, options);
  }

  /** @throws ArgumentError TRAINER_BUSY, TRAINER_CLOSED */
  #requireIdle(what: string): void {
    this.#engine.require(what);
    if (this.#fitting)
      throw new ArgumentError("TRAINER_BUSY", `${what}: a fit of this trainer has not ended`, {
        hint: "take its events to the end, or break out of its loop",
      });
  }

  async evaluate(data: Dataset<F> | readonly Row<F>[]): Promise<Evaluation> {
    this.#engine.require("evaluate");
    const { parts, size } = this.#dataset(data, "the data");
    const began = performance.now();
    const { batchSize, shards } = this.#settings;
    const totals = new Totals(this.#programs.sums);
    const batches = evaluationBatches(parts.lengths, batchSize);
    const requests = requestsOf("evaluate", { index: 0, parts }, batches, {
      epoch: 0,
      batchSize,
      shards,
      program: this.#programs.evaluate,
    });
    const place = (index: number): string => `batch ${index} of the evaluation`;
    for await (const event of this.#engine.steps({ datasets: [parts], requests, place }))
      if (event.kind === "result")
        totals.add(event.result.results, event.result.step.rows, parts, event.result.step.shards);
    await this.#engine.endRun();
    const { loss, metrics, tokens, waste } = totals;
    return {
      loss,
      metrics,
      sequences: size,
      tokens,
      waste,
      seconds: (performance.now() - began) / 1000,
    };
  }

  async predict(rows: readonly Partial<Row<F>>[]): Promise<Prediction[]> {
    this.#engine.require("predict");
    const { predict } = this.#programs;
    if (predict === undefined)
      throw new ArgumentError("PREDICT", "the model gives no outputs", {
        hint: "return { loss, outputs: { probability } } from the model",
      });
    if (rows.length === 0) return [];
    const fields = predictionFields(this.#fields, predict);
    const picked = rows.map((row) =>
      Object.fromEntries(Object.keys(fields).map((name) => [name, row[name]])),
    );
    const { parts } = createDataset<Fields>(fields, picked as readonly Row<Fields>[], {
      name: "the rows to predict",
    });
    const columns = predictionColumns(predict, parts);
    const { batchSize, shards } = this.#settings;
    const batches = evaluationBatches(parts.lengths, batchSize);
    const requests = requestsOf("predict", { index: 0, parts }, batches, {
      epoch: 0,
      batchSize,
      shards,
      program: predict,
    });
    const place = (index: number): string => `batch ${index} of the prediction`;
    const steps = { datasets: [parts], predictions: columns, requests, place };
    for await (const event of this.#engine.steps(steps)) void event;
    await this.#engine.endRun();
    return rowPredictions(predict, columns, parts);
  }

  async save(folder: string): Promise<void> {
    await saveCheckpoint(this.#storage, folder, await this.#checkpoint());
  }

  async exportModel(): Promise<Uint8Array> {
    return (await this.#checkpoint()).model();
  }

  async exportCheckpoint(): Promise<Uint8Array> {
    return (await this.#checkpoint()).checkpoint();
  }

  #checkpoint(): Promise<Checkpoint> {
    const { name, seed, batchSize, shards, metadata } = this.#settings;
    const about = { name, seed, batchSize, shards, metadata, position: () => this.position };
    return takeCheckpoint(this.#engine.state, this.#model.parameters.length, about);
  }

  async load(source: string | Uint8Array, options: LoadOptions = {}): Promise<void> {
    this.#requireIdle("load");
    checkNames("load", options, ["parametersOnly"]);
    const file = await readCheckpoint(this.#storage, source, options);
    const { parameters } = this.#model;
    const position = loadCheckpoint(
      file,
      this.#engine.state,
      parameters.length,
      this.#settings,
      options,
    );
    if (position !== undefined) this.#settled = position;
  }

  explain(): Readonly<Record<string, string>> {
    const { gradient, update, evaluate, predict } = this.#programs;
    const faces = { gradient, update, evaluate, predict };
    return Object.fromEntries(
      Object.entries(faces).flatMap(([name, face]) =>
        face === undefined ? [] : [[name, face.explain()] as const],
      ),
    );
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  #dataset(data: Dataset<F> | readonly Row<F>[], label: string): Dataset<F> {
    if (!(data instanceof Dataset)) return createDataset(this.#fields, data, { name: label });
    const [given, wanted] = [describeFields(data.fields), describeFields(this.#fields)];
    if (given === wanted) return data;
    throw new ArgumentError(
      "DATASET_FIELDS",
      `${label} has the fields ${given}, the trainer ${wanted}`,
      {
        hint: "make the dataset with the fields that createTrainer got as data",
      },
    );
  }
}

function describeFields(fields: Fields): string {
  return Object.entries(fields)
    .map(([name, x]) => `${name}: ${x.ragged ? "ragged " : ""}${x.dtype}[${x.shape.join(", ")}]`)
    .join("; ");
}
