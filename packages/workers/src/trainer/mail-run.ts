/** A run by mail: steps one after another, the shards of each handed out to whoever is there. */
import { unpackPredictions } from "../compute/predictions.ts";
import { shardRange } from "../data/batches.ts";
import type { Column, DatasetParts } from "../data/dataset.ts";
import type { Step } from "../protocol/control.ts";
import type { StepResult } from "../protocol/coordinator.ts";
import type { FinishOutcome, ShardOutcome } from "../protocol/mail.ts";
import { phase } from "../protocol/messages.ts";
import type { Crew } from "./crew.ts";
import { closedError, failureError, mostAttempts, shardLostError } from "./failures.ts";
import type { Lane, RunJob } from "./lane.ts";
import { RunCrew } from "./run-crew.ts";
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
  readonly #crew: Crew;
  readonly #members: RunCrew;
  readonly #events: RunEvent[] = [];
  #unread = 0;
  #begun = 0;
  #work: Promise<void> = Promise.resolve();
  /** Steps that are through. */
  finished = 0;

  constructor(options: MailRunOptions) {
    const { crew, job, startTimeout } = options;
    this.#options = options;
    this.#crew = crew;
    this.#members = new RunCrew({
      crew,
      job,
      startTimeout,
      finished: () => this.finished,
      report: (event) => this.#events.push(event),
    });
  }

  get over(): boolean {
    return this.#members.isOver;
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
    const [crew, members] = [this.#crew, this.#members];
    for (const lane of crew.lanes) lane.refresh(crew.copy);
    let isThrough = false;
    this.#work = this.#doAll(requests, watch)
      .catch((error: unknown) => {
        members.fail(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => {
        isThrough = true;
        members.bell.ring();
      });
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) {
        if (event.kind === "result") this.#unread--;
        members.bell.ring();
        yield event;
      } else if (!isThrough) await members.bell.wait();
      else if (members.failure !== undefined) throw members.failure;
      else if (members.isOver && !watch.stopped()) throw closedError();
      else return;
    }
  }

  /** Makes `steps` look at what has changed on this side. */
  wake(): void {
    this.#members.bell.ring();
  }

  /** Ends the run; workers finish the shards at hand. */
  end(): Promise<void> {
    this.#members.end();
    return this.#work;
  }

  async #doAll(requests: Iterator<Request>, watch: StepsWatch): Promise<void> {
    while (!this.#isHalted(watch)) {
      if (this.#unread >= ahead) {
        await this.#members.bell.wait();
        continue;
      }
      const next = requests.next();
      if (next.done === true) return;
      const result = await this.#step(next.value, watch);
      if (result === undefined) return;
      this.#unread++;
      this.#events.push({ kind: "result", result });
      this.#members.bell.ring();
    }
  }

  #isHalted({ stopped }: StepsWatch): boolean {
    return this.over || stopped();
  }

  /** Undefined when it was halted in its midst. */
  async #step(request: Request, watch: StepsWatch): Promise<StepResult | undefined> {
    const { job, rowBytes, datasets, predictions } = this.#options;
    const step: Step = { ...request, index: this.#begun++, source: this.#crew.copy };
    for (let attempt = 0; ; attempt++) {
      const shards = await this.#shards(step, watch);
      if (shards === undefined) return undefined;
      const adder = await this.#adder();
      if (adder === undefined) return undefined;
      const slots = shards.outcomes.map(({ slot }) => slot);
      const others = this.#crew.lanes.length - 1;
      let outcome: FinishOutcome;
      try {
        outcome = await adder.finish({ step, slots, attempt, others, othersBytes: rowBytes });
      } catch (error) {
        this.#members.died(adder, error);
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
    const crew = this.#crew;
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
    await this.#members.someReady();
    const { ready } = this.#members;
    const adder = ready.find((lane) => lane.holdsAll) ?? ready[0];
    if (adder?.holdsAll === false) adder.sendAll(this.#crew.copy);
    return adder;
  }

  /** All shards of a step, from those workers that are there. Undefined when it was halted. */
  async #shards(step: Step, watch: StepsWatch): Promise<Shards | undefined> {
    await this.#members.someReady();
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
    const ranks = this.#members.ready.map((lane) => lane.rank);
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
    for (let attempt = 0; ;) {
      const lane = await this.#members.worker(rank);
      if (lane === undefined) return undefined;
      try {
        return await lane.shard({ step, shard, attempt });
      } catch (error) {
        this.#members.died(lane, error);
        // The worker ended at the first shard that it had not answered; others only waited behind it.
        if (lane.asked[0] === shard && ++attempt >= mostAttempts) {
          const task = { step: step.index, phase: phase.shards, task: shard, attempts: attempt };
          throw shardLostError(task, [...step.rows], watch.place, error);
        }
      }
    }
  }
}

function rowsOfShard({ rows, shards }: Step, shard: number): Int32Array {
  return rows.subarray(...shardRange(rows.length, shards, shard));
}
