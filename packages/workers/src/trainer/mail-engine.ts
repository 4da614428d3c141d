/** Workers with memories of their own: the engine where memory cannot be shared. */
import { fingerprint } from "../protocol/messages.ts";
import type { Column, DatasetParts } from "../data/dataset.ts";
import { Crew } from "./crew.ts";
import { closedError } from "./failures.ts";
import { HomeState } from "./home-state.ts";
import type { MailTransport } from "./mail-transport.ts";
import { MailRun } from "./mail-run.ts";
import { ProgramSet } from "./program-set.ts";
import { stateBytes } from "./state-values.ts";
import type {
  EngineOptions,
  EngineSource,
  RunEvent,
  StepEngine,
  StepsRequest,
} from "./step-engine.ts";
import { Turns } from "./turns.ts";

/** Engines on workers that answer by message. */
export function mailEngines(transport: MailTransport): EngineSource {
  return {
    sharedMemory: false,
    create: (options) => new MailEngine(options, transport),
    close: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}

class MailEngine implements StepEngine {
  readonly state: HomeState;
  readonly #options: EngineOptions;
  readonly #set: ProgramSet;
  readonly #crew: Crew;
  readonly #turns = new Turns();
  readonly #numbers = new WeakMap<DatasetParts, number>();
  #datasets = 0;
  #run: MailRun | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions, transport: MailTransport) {
    this.#options = options;
    this.#set = new ProgramSet(options, { sharedMemory: false });
    this.state = new HomeState(this.#set.state, () => this.#turns.busy);
    this.#crew = new Crew(transport, this.state);
  }

  prepare(rows: number): Promise<void> {
    return this.#set.prepare(rows);
  }

  get finished(): number {
    return this.#run?.finished ?? 0;
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
    let whole = false;
    try {
      const run = await this.#open(datasets, predictions);
      yield* run.steps(requests, { place, stopped });
      whole = !stopped();
    } finally {
      if (!whole) await this.#run?.end();
      this.#turns.end();
    }
  }

  async open(datasets: readonly DatasetParts[]): Promise<number> {
    this.#turns.requireStill();
    return (await this.#open(datasets, [])).finished;
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
    this.#crew.close(closedError());
    this.state.release();
  }

  async #open(datasets: readonly DatasetParts[], predictions: readonly Column[]): Promise<MailRun> {
    const present = this.#run;
    if (present !== undefined) {
      const same =
        present.datasets.length >= datasets.length &&
        datasets.every((d, i) => d === present.datasets[i]);
      if (same && predictions.length === 0 && !present.over) return present;
      await present.end();
    }
    if (this.#turns.closed) throw closedError();
    const { settings, faults, poke } = this.#options;
    const { programs, slot, state } = this.#set;
    const job = {
      programs: { ...programs },
      slot,
      state: { bytes: state.bytes, offsets: state.offsets },
      seed: settings.seed,
      poke,
    };
    this.#run = new MailRun({
      crew: this.#crew,
      job: {
        fingerprint: fingerprint(),
        job,
        datasets: datasets.map((parts) => ({ id: this.#numberOf(parts), parts })),
        predictions: predictions.map(({ name, dtype, ragged, inner }) => ({
          name,
          dtype,
          ragged,
          inner,
        })),
        faults,
      },
      rowBytes: this.#rowBytes(),
      datasets,
      predictions,
      startTimeout: settings.startTimeout,
    });
    return this.#run;
  }

  #numberOf(parts: DatasetParts): number {
    const known = this.#numbers.get(parts);
    if (known !== undefined) return known;
    this.#numbers.set(parts, this.#datasets);
    return this.#datasets++;
  }

  /** Bytes from the state's start to the end of what programs over rows read. */
  #rowBytes(): number {
    const { programs, state } = this.#set;
    const { gradient, evaluate, predict } = programs;
    const read = [gradient, evaluate, predict].flatMap((program) => program?.state ?? []);
    return read.reduce((most, i) => {
      const variable = state.variables[i];
      const end = (state.offsets[i] ?? 0) + (variable === undefined ? 0 : stateBytes(variable));
      return Math.max(most, end);
    }, 0);
  }
}
