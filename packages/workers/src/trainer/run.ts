/** A run: workers that all have the same work, started, watched and replaced while steps go through them. */
import type { Fault } from "../protocol/fault.ts";
import type { Work } from "../compute/work.ts";
import { Coordinator } from "../protocol/coordinator.ts";
import { fingerprint, word, type ControlShape, type RunOutcome } from "../protocol/messages.ts";
import {
  closedError,
  failureError,
  lostError,
  mostAttempts,
  shardLostError,
  staleError,
  type Place,
} from "./failures.ts";
import type { Request, RunEvent } from "./step-engine.ts";
import type { Transport } from "./transport.ts";

export interface RunOptions {
  readonly transport: Transport;
  readonly work: Work;
  readonly shape: ControlShape;
  /** The copy of the state that holds when the run begins. */
  readonly source: number;
  /** A new slot's number, in units of 64 bytes. */
  readonly freshSlot: () => number;
  readonly slots: readonly number[];
  readonly faults: readonly Fault[];
  readonly startTimeout: number;
}

/** What `steps` asks its caller. */
export interface StepsWatch {
  readonly place: Place;
  readonly stopped: () => boolean;
}

/** Milliseconds between looks while nothing is reported. */
const lookEvery = 100;
/** Milliseconds for which events follow each other before whatever else waits for this thread has its turn. */
const longestTurn = 10;

export class Run {
  readonly coordinator: Coordinator;
  readonly #options: RunOptions;
  readonly #events: RunEvent[] = [];
  /** Promises of the tasks that are running, by rank. */
  readonly #tasks = new Map<number, Promise<void>>();
  readonly #incarnations: number[] = [];
  #source: number;
  #failure: ((place: Place) => Error) | undefined;
  #deathsWithoutProgress = 0;
  #progress = 0;
  #startedAt = performance.now();
  #ended: Promise<void> | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#source = options.source;
    this.coordinator = new Coordinator(options.shape);
    const { control } = this.coordinator;
    for (const [shard, slot] of options.slots.entries())
      control.store(control.slotWord(shard), slot);
    for (let rank = 0; rank < options.transport.workers; rank++) this.#start(rank);
  }

  /** True when the run was ended, or ended itself. */
  get over(): boolean {
    return (
      this.#ended !== undefined ||
      this.#failure !== undefined ||
      this.coordinator.failure !== undefined
    );
  }

  /** The datasets and predictions that the workers know. */
  get work(): Work {
    return this.#options.work;
  }

  /** The copy of the state that holds: the one that the next unfinished step reads. */
  currentCopy(): number {
    const { coordinator } = this;
    const next = coordinator.finished;
    return next < coordinator.published ? coordinator.control.step(next).source : this.#source;
  }

  /**
   * Passes steps through the workers, a ring's length ahead of the reader, and yields what comes back, in order.
   * @throws ScanTrainError WORKER_STALE, WORKERS_LOST, SHARD_FAILED, TRAINER_CLOSED, and what a halt means
   */
  async *steps(
    requests: Iterator<Request>,
    { place, stopped }: StepsWatch,
  ): AsyncGenerator<RunEvent, void, undefined> {
    const { coordinator } = this;
    let open = 0;
    let more = true;
    let began = performance.now();
    for (;;) {
      if (performance.now() - began > longestTurn) {
        await othersTurn();
        began = performance.now();
      }
      const seen = coordinator.news;
      while (more && !stopped() && coordinator.room > 0) {
        const next = requests.next();
        if (next.done === true) more = false;
        else {
          this.#publish(next.value);
          open++;
        }
      }
      const event = this.#events.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      const result = coordinator.read();
      if (result !== undefined) {
        open--;
        yield { kind: "result", result };
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure(place);
      const { failure } = coordinator;
      if (failure !== undefined) throw failureError(failure, place, this.#options.work.programs);
      if (stopped() || (open === 0 && !more)) return;
      if (this.#ended !== undefined) throw closedError();
      this.#checkProgress();
      await coordinator.wait(seen, lookEvery);
      began = performance.now();
    }
  }

  /** Results of steps that were through when the run was stopped. */
  *leftover(): Generator<RunEvent, void, undefined> {
    const { coordinator } = this;
    for (let r = coordinator.read(); r !== undefined; r = coordinator.read())
      yield { kind: "result", result: r };
  }

  /** Lets what was published come to its end, without publishing more. */
  async quiet(): Promise<void> {
    const { coordinator } = this;
    while (!this.over && coordinator.finished < coordinator.published)
      await coordinator.wait(coordinator.news, 20);
  }

  /** Wakes `steps` to look at what has changed on this side. */
  wake(): void {
    this.coordinator.control.ring(word.news);
  }

  /** Ends the run; workers finish the shards at hand. Those that have not shown up yet find nothing to do when they do. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      this.coordinator.stop();
      this.wake();
      for (const [rank, task] of this.#tasks) if (this.#isAlive(rank)) await task;
    })();
    return this.#ended;
  }

  #isAlive(rank: number): boolean {
    const { control } = this.coordinator;
    return control.load(control.aliveWord(rank)) === this.#incarnations[rank];
  }

  #publish(request: Request): void {
    this.coordinator.publish({ ...request, source: this.#source });
    if (request.kind === "train") this.#source = 1 - this.#source;
  }

  #start(rank: number): void {
    const { transport, shape, work, faults } = this.#options;
    const incarnation = (this.#incarnations[rank] ?? 0) + 1;
    this.#incarnations[rank] = incarnation;
    const task = transport
      .start({
        kind: "run",
        fingerprint: fingerprint(),
        rank,
        incarnation,
        control: this.coordinator.control.parts,
        isCrowded: transport.isCrowded || rank >= shape.shards,
        work,
        faults,
      })
      .then(
        (outcome) => {
          this.#returned(outcome);
        },
        (error: unknown) => {
          this.#died(rank, error);
        },
      );
    this.#tasks.set(rank, task);
  }

  #returned(outcome: RunOutcome): void {
    if (outcome.kind === "refused")
      this.#fail(() => staleError(fingerprint(), outcome.fingerprint));
  }

  #died(rank: number, error: unknown): void {
    if (this.#ended !== undefined) return;
    const { coordinator } = this;
    const reason = error instanceof Error ? error.message : String(error);
    this.#events.push({ kind: "worker-died", worker: rank, reason });
    if (coordinator.finished > this.#progress) this.#deathsWithoutProgress = 0;
    this.#progress = coordinator.finished;
    this.#deathsWithoutProgress++;
    const released = coordinator.release(rank, this.#options.freshSlot);
    const hopeless = released.find((task) => task.attempts >= mostAttempts);
    if (hopeless !== undefined) {
      const { rows } = coordinator.control.step(hopeless.step);
      this.#fail((place) => shardLostError(hopeless, [...rows], place, error));
    } else if (this.#deathsWithoutProgress > mostAttempts * this.#options.transport.workers)
      this.#fail(() => lostError("workers keep ending before they have done anything", error));
    else {
      this.#startedAt = performance.now();
      this.#start(rank);
      this.#events.push({ kind: "worker-replaced", worker: rank });
    }
    this.wake();
  }

  #fail(error: (place: Place) => Error): void {
    this.#failure ??= error;
    this.wake();
  }

  /** @throws UnsupportedError WORKERS_LOST when no worker has shown up for a while. */
  #checkProgress(): void {
    const { startTimeout } = this.#options;
    if (performance.now() - this.#startedAt < startTimeout) return;
    if (this.#incarnations.some((_, rank) => this.#isAlive(rank))) return;
    throw lostError(`no worker has started within ${startTimeout / 1000} seconds`);
  }
}

const othersTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
