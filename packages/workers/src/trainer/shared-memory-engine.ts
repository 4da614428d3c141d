/** Threads over one memory: the engine wherever memory can be shared. */
import type { NDArray } from "@scan-train/core";
import { Arena, MemoryViews, alignUp, createSharedMemory } from "../compute/memory.ts";
import { result, type Work } from "../compute/work.ts";
import type { Column, DatasetParts } from "../data/dataset.ts";
import { closedError } from "./failures.ts";
import { ProgramSet } from "./program-set.ts";
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
import { Turns } from "./turns.ts";

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
  readonly #set: ProgramSet;
  readonly #slots: readonly number[];
  readonly #total: number;
  readonly #turns = new Turns();
  #run: Run | undefined;
  #active: Run | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions, transport: Transport) {
    this.#options = options;
    this.#transport = transport;
    this.#set = new ProgramSet(options, { sharedMemory: true });
    const state = new TrainerState(this.#views, this.#arena, this.#set.state);
    this.#state = state;
    this.state = {
      variables: state.variables,
      read: (variable) => state.read(variable),
      snapshot: (look) => this.#snapshot(look),
      write: (variable, value) => {
        state.write(variable, value);
      },
    };
    this.#slots = Array.from({ length: options.settings.shards }, () => this.#newSlot());
    this.#total = this.#arena.allocate(this.#set.slot.bytes);
  }

  prepare(rows: number): Promise<void> {
    return this.#set.prepare(rows);
  }

  get finished(): number {
    return this.#run?.coordinator.finished ?? 0;
  }

  require(what: string): void {
    this.#turns.require(what);
  }

  async *steps({
    datasets,
    predictions = [],
    requests,
    place,
    stopped = () => false,
  }: StepsRequest): AsyncGenerator<RunEvent, void, undefined> {
    this.#turns.begin();
    try {
      const run = await this.#open(datasets, predictions);
      yield* this.#through(run, requests, { place, stopped });
    } finally {
      this.#turns.end();
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
    this.#turns.requireStill();
    return (await this.#open(datasets, [])).coordinator.published;
  }

  /** Lets the steps that were begun come to their end first. */
  async #snapshot<T>(look: () => T): Promise<Snapshot<T>> {
    await this.#active?.quiet();
    return this.#state.steady(() => ({
      values: this.#state.variables.map((variable): NDArray => this.#state.read(variable)),
      seen: look(),
    }));
  }

  async endRun(): Promise<void> {
    if (!this.#turns.busy) await this.#run?.end();
  }

  wake(): void {
    this.#run?.wake();
  }

  close(): Promise<void> {
    this.#turns.close();
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
      if (same && predictions.length === 0 && !present.over) return present;
      await present.end();
    }
    if (this.#turns.closed) throw closedError();
    const { settings, faults, poke } = this.#options;
    const { programs, slot } = this.#set;
    const transport = this.#transport;
    const work: Work = {
      session: this.#session,
      memory: this.#views.memory,
      programs,
      slot,
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
        stripes: slot.stripes.length,
        results: result.sums + slot.sums.length,
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
    return this.#arena.allocate(this.#set.slot.bytes) / alignUp(1);
  }
}
