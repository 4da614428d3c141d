/** Threads over one memory: the engine wherever memory can be shared. */
import { ArgumentError, type NDArray } from "@scan-train/core";
import type { CompiledPlan } from "@scan-train/core/backend-kit";
import { Arena, MemoryViews, alignUp, createSharedMemory } from "../compute/memory.ts";
import { reduceKey, result, type Program, type SlotLayout, type Work } from "../compute/work.ts";
import { shardCount } from "../data/batches.ts";
import type { Column, DatasetParts } from "../data/dataset.ts";
import { busyError, closedError } from "./failures.ts";
import { programOf, slotLayout, stateVariables } from "./layout.ts";
import { compileReduce } from "./programs.ts";
import { Run, type StepsWatch } from "./run.ts";
import { TrainerState } from "./state.ts";
import type {
  EngineOptions,
  EngineSource,
  EngineState,
  Request,
  RunEvent,
  Snapshot,
  StepEngine,
  StepsRequest,
} from "./step-engine.ts";
import type { Transport } from "./transport.ts";

/** Steps that workers may be ahead of the reader of events. */
const ringLength = 32;
/** Rows of the batch that tries whether sequences stay apart. */
const leastRows = 4;
let engines = 0;

/** Engines on the threads of `transport`. */
export function sharedMemoryEngines(transport: Transport): EngineSource {
  return {
    sharedMemory: true,
    create: (options) => new SharedMemoryEngine(options, transport),
    close: () => transport.close(),
  };
}

class SharedMemoryEngine implements StepEngine {
  readonly state: EngineState;
  readonly #state: TrainerState;
  readonly #options: EngineOptions;
  readonly #transport: Transport;
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

  constructor(options: EngineOptions, transport: Transport) {
    const { programs, parameters, settings } = options;
    this.#options = options;
    this.#transport = transport;
    const plans = [programs.gradient, programs.update, programs.evaluate, programs.predict];
    const present = plans.filter((plan) => plan !== undefined);
    const variables = stateVariables(parameters, present);
    this.#state = new TrainerState(this.#views, this.#arena, variables);
    this.state = {
      variables: variables.variables,
      read: (variable) => this.#state.read(variable),
      snapshot: (look) => this.#snapshot(look),
      write: (variable, value) => {
        this.#state.writeAll(variable, value);
      },
    };
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

  /** Compiles what adding over the shards of such batches needs. */
  async prepare(rows: number): Promise<void> {
    const { batchSize, shards } = this.#options.settings;
    const counts = [Math.min(rows, batchSize), rows % batchSize];
    const dtypes = new Set(this.#slot.stripes.map((stripe) => stripe.dtype));
    for (const count of counts)
      for (const dtype of dtypes) {
        const n = count === 0 ? 1 : shardCount(count, batchSize, shards);
        const key = reduceKey(dtype, n);
        if (n > 1 && this.#programs[key] === undefined)
          this.#add(key, await compileReduce(dtype, n, { sharedMemory: true }));
      }
  }

  get finished(): number {
    return this.#run?.coordinator.finished ?? 0;
  }

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

  async *steps({
    datasets,
    predictions = [],
    requests,
    place,
    stopped = () => false,
  }: StepsRequest): AsyncGenerator<RunEvent, void, undefined> {
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
    requests: Iterator<Request>,
    watch: StepsWatch,
  ): AsyncGenerator<RunEvent, void, undefined> {
    this.#active = run;
    this.#state.follow({
      copy: () => run.currentCopy(),
      finished: () => run.coordinator.finished,
    });
    let whole = false;
    try {
      yield* run.steps(requests, watch);
      whole = !watch.stopped();
      if (!whole) {
        await run.end();
        yield* run.leftover();
      }
    } finally {
      if (!whole) await run.end();
      this.#state.settle();
      this.#active = undefined;
    }
  }

  async open(datasets: readonly DatasetParts[]): Promise<number> {
    this.#requireStill();
    return (await this.#open(datasets, [])).coordinator.published;
  }

  async #snapshot<T>(look: () => T): Promise<Snapshot<T>> {
    await this.#active?.quiet();
    return this.#state.steady(() => ({
      values: this.#state.variables.map((variable): NDArray => this.#state.read(variable)),
      seen: look(),
    }));
  }

  async endRun(): Promise<void> {
    if (!this.#busy) await this.#run?.end();
  }

  wake(): void {
    this.#run?.wake();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#run?.end();
    await this.#transport.close();
    this.#state.release();
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
    const { settings, faults, poke } = this.#options;
    const transport = this.#transport;
    const work: Work = {
      session: this.#session,
      memory: this.#views.memory,
      programs: this.#programs,
      slot: this.#slot,
      total: this.#total,
      state: this.#state.layout,
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
      source: this.#state.current,
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
    if (plan !== undefined) this.#programs[key] = programOf(plan, this.#state.variables);
  }
}
