/** Epochs as a stream of events. */
import { result } from "../compute/work.ts";
import { evaluationBatches, trainingBatches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Fields } from "../data/fields.ts";
import type { StepResult } from "../protocol/coordinator.ts";
import type { Evaluation, TrainerEvent } from "./events.ts";
import type { Settings } from "./options.ts";
import type { ProgramFaces } from "./programs.ts";
import type { RunEvent, StepEngine } from "./step-engine.ts";
import { requestsOf, Totals } from "./steps.ts";
import type { FitOptions, Position } from "./types.ts";

export interface FitContext {
  readonly settings: Settings;
  readonly engine: StepEngine;
  readonly programs: ProgramFaces;
  readonly parameterCount: number;
  readonly dataset: Dataset;
  readonly validation: Dataset | undefined;
  /** Where to begin. */
  readonly position: Position;
  /** From now on the position is what this says. */
  readonly follow: (position: () => Position) => void;
  /** The position stays as it is. */
  readonly settle: () => void;
  readonly save: (folder: string) => Promise<void>;
  /** Refuses a model that mixes sequences. */
  readonly checkApart: () => Promise<void>;
}

/** Trains and says what happens. */
export async function* fitEvents(
  context: FitContext,
  options: FitOptions<Fields>,
): AsyncGenerator<TrainerEvent, void, undefined> {
  const { engine, dataset, settings } = context;
  const began = performance.now();
  const stopped = (): boolean => options.signal?.aborted === true;
  const wake = (): void => {
    engine.wake();
  };
  options.signal?.addEventListener("abort", wake);
  let [epochs, steps] = [0, 0];
  let { position } = context;
  try {
    await context.checkApart();
    yield {
      kind: "start",
      parameters: context.parameterCount,
      backend: settings.backend,
      workers: settings.workers,
      shards: settings.shards,
      sequences: dataset.size,
      epochs: options.epochs,
      steps: Math.ceil(dataset.size / settings.batchSize),
    };
    while (epochs < options.epochs && !stopped()) {
      const epoch = new Epoch(context, options, position, stopped);
      yield* epoch.events();
      position = epoch.end;
      steps += epoch.steps;
      if (epoch.complete) epochs++;
    }
    const seconds = (performance.now() - began) / 1000;
    yield {
      kind: "end",
      reason: epochs < options.epochs ? "stopped" : "finished",
      epochs,
      steps,
      seconds,
    };
  } finally {
    options.signal?.removeEventListener("abort", wake);
    await engine.endRun();
  }
}

/** One pass over the data, or what was left of it. */
class Epoch {
  readonly #context: FitContext;
  readonly #options: FitOptions<Fields>;
  readonly #begin: Position;
  readonly #stopped: () => boolean;
  readonly #batches: readonly Int32Array[];
  readonly #totals: Totals;
  /** The run's index of this epoch's first step. */
  #base = 0;
  #clock = 0;
  complete = false;
  /** Updates done. */
  steps = 0;
  end: Position;

  constructor(
    context: FitContext,
    options: FitOptions<Fields>,
    begin: Position,
    stopped: () => boolean,
  ) {
    const { dataset, settings } = context;
    this.#context = context;
    this.#options = options;
    this.#begin = begin;
    this.#stopped = stopped;
    this.end = begin;
    this.#batches = trainingBatches(dataset.parts.lengths, begin.epoch, settings);
    this.#totals = new Totals(context.programs.sums);
  }

  async *events(): AsyncGenerator<TrainerEvent, void, undefined> {
    const { engine, dataset, validation, programs, settings } = this.#context;
    const { epoch, step: first } = this.#begin;
    const began = performance.now();
    const number = epoch + 1;
    yield { kind: "epoch-start", epoch: number, step: first + 1, steps: this.#batches.length };
    const datasets = validation === undefined ? [dataset.parts] : [dataset.parts, validation.parts];
    const { batchSize, shards } = settings;
    const left = this.#batches.slice(first);
    const requests = requestsOf("train", { index: 0, parts: dataset.parts }, left, {
      epoch,
      batchSize,
      shards,
      program: programs.gradient,
    });
    this.#base = await engine.open(datasets);
    this.#clock = performance.timeOrigin + began;
    this.#context.follow(() => this.#position());
    try {
      const place = (index: number): string => `epoch ${number}, step ${this.#stepOf(index) + 1}`;
      const stopped = this.#stopped;
      for await (const event of engine.steps({ datasets, requests, place, stopped }))
        yield* this.#translate(event);
    } finally {
      this.end = this.#position();
      this.complete = this.end.epoch > epoch;
      this.#context.settle();
    }
    if (!this.complete) return;
    const evaluated =
      validation === undefined ? undefined : await this.#validate(datasets, validation);
    const folder = this.#options.checkpoint;
    if (folder !== undefined) await this.#context.save(folder);
    const { loss, metrics, sequences, tokens, waste } = this.#totals;
    yield {
      kind: "epoch-end",
      epoch: number,
      loss,
      metrics,
      sequences,
      tokens,
      waste,
      seconds: (performance.now() - began) / 1000,
      ...(evaluated === undefined ? {} : { validation: evaluated }),
    };
    if (folder !== undefined) yield { kind: "checkpoint", folder, epoch: number };
  }

  /** The place of a step in its epoch, from 0. */
  #stepOf(index: number): number {
    return this.#begin.step + index - this.#base;
  }

  /** What is behind the workers, read or not. */
  #position(): Position {
    const { epoch } = this.#begin;
    const step = this.#stepOf(this.#context.engine.finished);
    return step >= this.#batches.length ? { epoch: epoch + 1, step: 0 } : { epoch, step };
  }

  *#translate(event: RunEvent): Generator<TrainerEvent, void, undefined> {
    if (event.kind === "result") yield* this.#stepEvents(event.result);
    else yield event;
  }

  *#stepEvents({ step, results, owners }: StepResult): Generator<TrainerEvent, void, undefined> {
    const { programs, dataset } = this.#context;
    this.steps++;
    const at = { epoch: step.epoch + 1, step: this.#stepOf(step.index) + 1 };
    this.#totals.add(results, step.rows, dataset.parts, step.shards);
    const own = new Totals(programs.sums).add(results, step.rows, dataset.parts, step.shards);
    const now = results[result.time] ?? 0;
    if (this.#options.shardEvents === true)
      for (const [shard, worker] of owners.entries()) yield { kind: "shard", ...at, shard, worker };
    yield {
      kind: "step",
      ...at,
      steps: this.#batches.length,
      loss: own.loss,
      metrics: own.metrics,
      penalty: results[result.penalty] ?? 0,
      gradientNorm: results[result.gradientNorm] ?? 0,
      weight: own.weight,
      sequences: own.sequences,
      tokens: own.tokens,
      waste: own.waste,
      seconds: (now - this.#clock) / 1000,
    };
    this.#clock = now;
  }

  /** Undefined when it was stopped before its end. */
  async #validate(
    datasets: readonly Dataset["parts"][],
    { parts, size }: Dataset,
  ): Promise<Evaluation | undefined> {
    const { engine, programs, settings } = this.#context;
    const began = performance.now();
    const { batchSize, shards } = settings;
    const totals = new Totals(programs.sums);
    const batches = evaluationBatches(parts.lengths, batchSize);
    const requests = requestsOf("evaluate", { index: 1, parts }, batches, {
      epoch: 0,
      batchSize,
      shards,
      program: programs.evaluate,
    });
    const place = (): string => `validation after epoch ${this.#begin.epoch + 1}`;
    const stopped = this.#stopped;
    for await (const event of engine.steps({ datasets, requests, place, stopped }))
      if (event.kind === "result")
        totals.add(event.result.results, event.result.step.rows, parts, event.result.step.shards);
    if (totals.sequences < size) return undefined;
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
}
