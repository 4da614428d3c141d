/** Memory, programs and workers of a trainer: everything that runs steps and knows nothing of epochs. */
import { ArgumentError, type Shared } from "@scan-train/core";
import type { CompiledPlan } from "@scan-train/core/backend-kit";
import { Arena, MemoryViews, alignUp, createSharedMemory } from "../compute/memory.ts";
import { reduceKey, result, type Program, type SlotLayout, type Work } from "../compute/work.ts";
import { shardCount } from "../data/batches.ts";
import type { Column, DatasetParts } from "../data/dataset.ts";
import type { PaddingPoke } from "../data/gather.ts";
import type { StepRequest } from "../protocol/coordinator.ts";
import type { Fault } from "../protocol/fault.ts";
import { busyError, closedError, type Place } from "./failures.ts";
import { programOf, slotLayout, stateVariables } from "./layout.ts";
import type { Settings } from "./options.ts";
import { compileReduce, type TrainerPrograms } from "./programs.ts";
import { Run, type RunEvent, type StepsWatch } from "./run.ts";
import { TrainerState } from "./state.ts";
import type { Transport } from "./transport.ts";

/** Steps that workers may be ahead of the reader of events. */
const ringLength = 32;
/** Rows of the batch that tries whether sequences stay apart. */
const leastRows = 4;
let engines = 0;

export interface EngineOptions {
  readonly settings: Settings;
  readonly programs: TrainerPrograms;
  readonly parameters: readonly Shared[];
  readonly transport: Transport;
  readonly faults: readonly Fault[];
  readonly poke: PaddingPoke;
}

export class Engine {
  readonly state: TrainerState;
  readonly #options: EngineOptions;
  readonly #session = `trainer ${engines++}`;
  readonly #views = new MemoryViews(createSharedMemory());
  readonly #arena = new Arena(this.#views);
  readonly #slot: SlotLayout;
  readonly #slots: readonly number[];
  readonly #total: number;
  readonly #programs: Record<string, Program> = {};
  #run: Run | undefined;
  #active: Run | undefined;
  /** Steps are going through, or about to. */
  #busy = false;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    const { programs, parameters, settings } = options;
    this.#options = options;
    const plans = [programs.gradient, programs.update, programs.evaluate, programs.predict];
    const present = plans.filter((plan) => plan !== undefined);
    const variables = stateVariables(parameters, present);
    this.state = new TrainerState(this.#views, this.#arena, variables);
    this.#slot = slotLayout(programs.sums.all, parameters);
    this.#slots = Array.from({ length: settings.shards }, () => this.#newSlot());
    this.#total = this.#arena.allocate(this.#slot.bytes);
    const named = {
      gradient: programs.gradient,
      update: programs.update,
      evaluate: programs.evaluate,
      predict: programs.predict,
    };
    for (const [key, plan] of Object.entries(named)) this.#add(key, plan);
  }

  /** Compiles what adding over the shards of this dataset's batches needs. */
  async prepare(rows: number): Promise<void> {
    const { batchSize, shards } = this.#options.settings;
    const counts = [Math.min(rows, batchSize), rows % batchSize];
    const dtypes = new Set(this.#slot.stripes.map((stripe) => stripe.dtype));
    for (const count of counts)
      for (const dtype of dtypes) {
        const n = count === 0 ? 1 : shardCount(count, batchSize, shards);
        const key = reduceKey(dtype, n);
        if (n > 1 && this.#programs[key] === undefined)
          this.#add(key, await compileReduce(dtype, n));
      }
  }

  /** Steps of the present or last run that are through. */
  get finished(): number {
    return this.#run?.coordinator.finished ?? 0;
  }

  /** Refuses to begin `what` beside something else. @throws ArgumentError TRAINER_BUSY, TRAINER_CLOSED */
  require(what: string): void {
    if (this.#closing !== undefined)
      throw new ArgumentError("TRAINER_CLOSED", `${what}: the trainer is closed`);
    if (this.#busy) throw busyError(what);
  }

  /** The same in the midst of what was begun. */
  #requireStill(): void {
    if (this.#closing !== undefined) throw closedError();
    if (this.#busy) throw busyError("the next steps");
  }

  /**
   * Steps through workers that know these datasets; the same workers as before when they do already.
   * @throws ArgumentError TRAINER_BUSY, TRAINER_CLOSED, and what `Run.steps` throws
   */
  async *steps(
    datasets: readonly DatasetParts[],
    predictions: readonly Column[],
    requests: Iterator<Omit<StepRequest, "source">>,
    place: Place,
    stopped: () => boolean = () => false,
  ): AsyncGenerator<RunEvent, void, undefined> {
    this.#requireStill();
    this.#busy = true;
    try {
      const run = await this.#open(datasets, predictions);
      yield* this.#through(run, requests, { place, stopped });
    } finally {
      this.#busy = false;
    }
  }

  async *#through(
    run: Run,
    requests: Iterator<Omit<StepRequest, "source">>,
    watch: StepsWatch,
  ): AsyncGenerator<RunEvent, void, undefined> {
    this.#active = run;
    this.state.follow({
      copy: () => run.currentCopy(),
      finished: () => run.coordinator.finished,
    });
    let whole = false;
    try {
      yield* run.steps(requests, watch);
      whole = !watch.stopped();
    } finally {
      if (!whole) await run.end();
      this.state.settle();
      this.#active = undefined;
    }
  }

  /** The number of steps that the run with these datasets has behind it, before more are asked of it. */
  async open(datasets: readonly DatasetParts[]): Promise<number> {
    this.#requireStill();
    return (await this.#open(datasets, [])).coordinator.published;
  }

  /** Results of steps that were through when the run was stopped. */
  *leftover(): Generator<RunEvent, void, undefined> {
    const coordinator = this.#run?.coordinator;
    for (let r = coordinator?.read(); r !== undefined; r = coordinator?.read())
      yield { kind: "result", result: r };
  }

  /** Lets what was published come to its end, without publishing more. */
  async quiesce(): Promise<void> {
    const coordinator = this.#active?.coordinator;
    while (
      coordinator !== undefined &&
      coordinator.finished < coordinator.published &&
      coordinator.failure === undefined
    )
      await coordinator.wait(coordinator.news, 20);
  }

  /** Sends the workers home unless steps are going through; the next steps call them again. */
  async endRun(): Promise<void> {
    if (!this.#busy) await this.#run?.end();
  }

  /** Makes `steps` look at once whether it was stopped. */
  wake(): void {
    this.#run?.wake();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#run?.end();
    await this.#options.transport.close();
    this.state.release();
  }

  async #open(datasets: readonly DatasetParts[], predictions: readonly Column[]): Promise<Run> {
    const present = this.#run;
    if (present !== undefined) {
      const { work } = present;
      const same =
        work.datasets.length >= datasets.length && datasets.every((d, i) => d === work.datasets[i]);
      if (same && predictions.length === 0 && !present.over && work.programs === this.#programs)
        return present;
      await present.end();
    }
    if (this.#closing !== undefined) throw closedError();
    const { settings, transport, faults, poke } = this.#options;
    const work: Work = {
      session: this.#session,
      memory: this.#views.memory,
      programs: this.#programs,
      slot: this.#slot,
      total: this.#total,
      state: this.state.layout,
      datasets,
      seed: settings.seed,
      predictions,
      poke,
    };
    this.#run = new Run({
      transport,
      work,
      shape: {
        ring: ringLength,
        rows: Math.max(settings.batchSize, leastRows),
        shards: settings.shards,
        stripes: this.#slot.stripes.length,
        results: result.sums + this.#slot.sums.length,
        workers: transport.workers,
      },
      source: this.state.current,
      slots: this.#slots,
      freshSlot: () => this.#newSlot(),
      faults,
      startTimeout: settings.startTimeout,
    });
    return this.#run;
  }

  #newSlot(): number {
    return this.#arena.allocate(this.#slot.bytes) / alignUp(1);
  }

  #add(key: string, plan: CompiledPlan | undefined): void {
    if (plan !== undefined) this.#programs[key] = programOf(plan, this.state.variables);
  }
}
