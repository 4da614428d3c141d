/** A run by mail: steps one after another, the shards of each handed out to whoever is there. */
import { unpackPredictions } from "../compute/predictions.ts";
import { shardRange } from "../data/batches.ts";
import type { Column, DatasetParts } from "../data/dataset.ts";
import type { Step } from "../protocol/control.ts";
import type { StepResult } from "../protocol/coordinator.ts";
import type { FinishOutcome, ShardOutcome } from "../protocol/mail.ts";
import { fingerprint, phase } from "../protocol/messages.ts";
import { Bell } from "./bell.ts";
import type { Crew } from "./crew.ts";
import {
  closedError,
  failureError,
  lostError,
  mostAttempts,
  shardLostError,
  staleError,
} from "./failures.ts";
import type { Lane, RunJob } from "./lane.ts";
import type { StepsWatch } from "./run.ts";
import type { Request, RunEvent } from "./step-engine.ts";

/** Steps that workers may be ahead of the reader of events. */
const ahead = 32;
/** Shards that a worker is asked for at once: it does one while the answer to the other travels. */
const askedAtOnce = 2;

export interface MailRunOptions {
  readonly crew: Crew;
  readonly job: RunJob;
  /** How many bytes of the state programs over rows read. */
  readonly rowBytes: number;
  readonly datasets: readonly DatasetParts[];
  readonly predictions: readonly Column[];
  /** Milliseconds in which a first worker must appear. */
  readonly startTimeout: number;
}

/** The shards of a step, and who did them. */
interface Shards {
  readonly outcomes: readonly ShardOutcome[];
  readonly owners: readonly number[];
}

export class MailRun {
  readonly #options: MailRunOptions;
  readonly #bell = new Bell();
  readonly #events: RunEvent[] = [];
  #unread = 0;
  #begun = 0;
  #ended = false;
  #work: Promise<void> = Promise.resolve();
  #failure: unknown;
  #progress = 0;
  #deathsWithoutProgress = 0;
  /** Steps that are through. */
  finished = 0;

  constructor(options: MailRunOptions) {
    this.#options = options;
    for (const lane of options.crew.lanes) this.#begin(lane);
  }

  get over(): boolean {
    return this.#ended || this.#failure !== undefined;
  }
  get datasets(): readonly DatasetParts[] {
    return this.#options.datasets;
  }

  /**
   * Passes steps through, and yields what comes back, in order.
   * @throws ScanTrainError WORKER_STALE, WORKERS_LOST, SHARD_FAILED, TRAINER_CLOSED, and what a failed step means
   */
  async *steps(
    requests: Iterator<Request>,
    watch: StepsWatch,
  ): AsyncGenerator<RunEvent, void, undefined> {
    const { crew } = this.#options;
    for (const lane of crew.lanes) lane.refresh(crew.copy);
    let isThrough = false;
    this.#work = this.#doAll(requests, watch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        isThrough = true;
        this.#bell.ring();
      });
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) {
        if (event.kind === "result") this.#unread--;
        this.#bell.ring();
        yield event;
      } else if (!isThrough) await this.#bell.wait();
      else if (this.#failure !== undefined) throw this.#failure;
      else if (this.#ended && !watch.stopped()) throw closedError();
      else return;
    }
  }

  /** Makes `steps` look at what has changed on this side. */
  wake(): void {
    this.#bell.ring();
  }

  /** Ends the run; workers finish the shards at hand. */
  end(): Promise<void> {
    this.#ended = true;
    this.wake();
    return this.#work;
  }

  async #doAll(requests: Iterator<Request>, watch: StepsWatch): Promise<void> {
    while (!this.#isHalted(watch)) {
      if (this.#unread >= ahead) {
        await this.#bell.wait();
        continue;
      }
      const next = requests.next();
      if (next.done === true) return;
      const result = await this.#step(next.value, watch);
      if (result === undefined) return;
      this.#unread++;
      this.#events.push({ kind: "result", result });
      this.#bell.ring();
    }
  }

  #isHalted({ stopped }: StepsWatch): boolean {
    return this.over || stopped();
  }

  /** Undefined when it was halted in its midst. */
  async #step(request: Request, watch: StepsWatch): Promise<StepResult | undefined> {
    const { crew, job, rowBytes, datasets, predictions } = this.#options;
    const step: Step = { ...request, index: this.#begun++, source: crew.copy };
    for (let attempt = 0; ; attempt++) {
      const shards = await this.#shards(step, watch);
      if (shards === undefined) return undefined;
      const adder = await this.#adder();
      if (adder === undefined) return undefined;
      const slots = shards.outcomes.map(({ slot }) => slot);
      const others = crew.size - 1;
      let outcome: FinishOutcome;
      try {
        outcome = await adder.finish({ step, slots, attempt, others, othersBytes: rowBytes });
      } catch (error) {
        this.#died(adder, error);
        if (attempt + 1 < mostAttempts) continue;
        const task = { step: step.index, phase: phase.finish, task: 0, attempts: attempt + 1 };
        throw shardLostError(task, [...step.rows], watch.place, error);
      }
      const { failure, results } = outcome;
      if (failure !== undefined)
        throw failureError({ ...failure, step }, watch.place, job.job.programs);
      this.#commit(adder, outcome);
      const parts = datasets[step.dataset];
      if (parts !== undefined)
        for (const [shard, { predictions: packed }] of shards.outcomes.entries())
          unpackPredictions(predictions, parts, rowsOfShard(step, shard), packed);
      return { step, results, owners: shards.owners };
    }
  }

  /** The step counts. */
  #commit(adder: Lane, { state, others }: FinishOutcome): void {
    const { crew } = this.#options;
    this.finished++;
    if (state === undefined) return;
    crew.copy = 1 - crew.copy;
    crew.home.replace(state);
    const receivers = crew.lanes.filter((lane) => lane !== adder);
    for (const [i, lane] of receivers.entries()) {
      const bytes = others[i];
      if (bytes === undefined) lane.sendAll(crew.copy);
      else lane.sendFirst({ copy: crew.copy, bytes });
    }
  }

  /** A worker with the whole state; undefined when the run is over. */
  async #adder(): Promise<Lane | undefined> {
    const { crew } = this.#options;
    await this.#someReady();
    const ready = crew.lanes.filter((lane) => lane.isReady);
    const adder = ready.find((lane) => lane.holdsAll) ?? ready[0];
    if (adder?.holdsAll === false) adder.sendAll(crew.copy);
    return adder;
  }

  /** All shards of a step, from those workers that are there. Undefined when it was halted. */
  async #shards(step: Step, watch: StepsWatch): Promise<Shards | undefined> {
    await this.#someReady();
    const outcomes: ShardOutcome[] = [];
    const owners: number[] = [];
    let next = 0;
    const drain = async (rank: number): Promise<void> => {
      while (next < step.shards && !this.#isHalted(watch)) {
        const shard = next++;
        const outcome = await this.#shard(step, shard, rank, watch);
        if (outcome === undefined) return;
        outcomes[shard] = outcome;
        owners[shard] = rank;
      }
    };
    const ranks = this.#options.crew.lanes.flatMap((lane) => (lane.isReady ? [lane.rank] : []));
    await Promise.all(Array.from({ length: askedAtOnce }, () => ranks.map(drain)).flat());
    return this.#isHalted(watch) ? undefined : { outcomes, owners };
  }

  /** Asks the worker of a rank for a shard, and those who replace it. Undefined when the run is over. */
  async #shard(
    step: Step,
    shard: number,
    rank: number,
    watch: StepsWatch,
  ): Promise<ShardOutcome | undefined> {
    let attempt = 0;
    while (!this.over) {
      const lane = this.#options.crew.lanes[rank];
      if (lane === undefined || !(await this.#isReady(lane))) continue;
      try {
        return await lane.shard({ step, shard, attempt });
      } catch (error) {
        this.#died(lane, error);
        // The worker ended at the first shard that it had not answered; others only waited behind it.
        if (lane.asked[0] === shard && ++attempt >= mostAttempts) {
          const task = { step: step.index, phase: phase.shards, task: shard, attempts: attempt };
          throw shardLostError(task, [...step.rows], watch.place, error);
        }
      }
    }
    return undefined;
  }

  #begin(lane: Lane): void {
    const { crew, job } = this.#options;
    crew.begin(lane, job).then(
      (outcome) => {
        if (outcome.kind === "refused") this.#fail(staleError(fingerprint(), outcome.fingerprint));
        this.#bell.ring();
      },
      (error: unknown) => {
        this.#died(lane, error);
      },
    );
  }

  /** Waits for any worker. @throws UnsupportedError WORKERS_LOST when none comes up */
  async #someReady(): Promise<void> {
    const { crew, startTimeout } = this.#options;
    const isThere = (): boolean => this.over || crew.lanes.some((lane) => lane.isReady);
    if (await this.#waitFor(isThere)) return;
    throw lostError(`no worker has started within ${startTimeout / 1000} seconds`);
  }

  /** Waits for this worker; false when it has ended, or the run has. */
  async #isReady(lane: Lane): Promise<boolean> {
    const { crew, startTimeout } = this.#options;
    const isGone = (): boolean => this.over || crew.lanes[lane.rank] !== lane;
    const inTime = await this.#waitFor(() => lane.isReady || isGone());
    if (!inTime)
      this.#died(lane, new Error(`it has not started within ${startTimeout / 1000} seconds`));
    return inTime && !isGone();
  }

  /** False when it has not come true within the time that a worker may take to start. */
  async #waitFor(isTrue: () => boolean): Promise<boolean> {
    const until = performance.now() + this.#options.startTimeout;
    while (!isTrue()) {
      const left = until - performance.now();
      if (left <= 0) return false;
      await this.#bell.wait(left);
    }
    return true;
  }

  /** Puts another worker in its place. */
  #died(lane: Lane, cause: unknown): void {
    if (this.over) return;
    const { crew } = this.#options;
    const reason = cause instanceof Error ? cause : new Error(String(cause));
    const fresh = crew.replace(lane, reason);
    if (fresh === undefined) return;
    this.#events.push({ kind: "worker-died", worker: lane.rank, reason: reason.message });
    if (this.finished > this.#progress) this.#deathsWithoutProgress = 0;
    this.#progress = this.finished;
    this.#deathsWithoutProgress++;
    if (this.#deathsWithoutProgress > mostAttempts * crew.size) {
      this.#fail(lostError("workers keep ending before they have done anything", cause));
      return;
    }
    this.#begin(fresh);
    this.#events.push({ kind: "worker-replaced", worker: lane.rank });
    this.#bell.ring();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#bell.ring();
  }
}

function rowsOfShard({ rows, shards }: Step, shard: number): Int32Array {
  return rows.subarray(...shardRange(rows.length, shards, shard));
}
