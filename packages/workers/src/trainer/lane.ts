/** One worker by mail, as the page knows it: what it holds, what it was asked. */
import type {
  AdoptTask,
  BeginOutcome,
  BeginTask,
  FinishOutcome,
  FinishTask,
  ShardOutcome,
  ShardTask,
} from "../protocol/mail.ts";
import type { DatasetParts } from "../data/dataset.ts";
import type { HomeState } from "./home-state.ts";
import type { MailThread } from "./mail-transport.ts";

/** A run as a lane joins it: all but what the lane has already. */
export interface RunJob extends Omit<BeginTask, "datasets"> {
  readonly datasets: readonly { readonly id: number; readonly parts: DatasetParts }[];
}

export class Lane {
  readonly rank: number;
  readonly #thread: MailThread;
  readonly #home: HomeState;
  #known = new Set<number>();
  /** Which edit of the home state it has seen; -1: it has no state at all. */
  #edits = -1;
  /** Whether it has all of the state, or only what programs over rows read. */
  holdsAll = false;
  /** It takes part in the present run. */
  isReady = false;
  /** Shards that it has not answered; the first is the one at hand. */
  readonly asked: number[] = [];

  constructor(rank: number, thread: MailThread, home: HomeState) {
    this.rank = rank;
    this.#thread = thread;
    this.#home = home;
  }

  /** Makes it join a run whose next step reads `copy`. */
  async begin(job: RunJob, copy: number): Promise<BeginOutcome> {
    this.isReady = false;
    const datasets = job.datasets.map(({ id, parts }) =>
      this.#known.has(id) ? { id } : { id, parts },
    );
    this.#known = new Set(job.datasets.map(({ id }) => id));
    const answer = this.#thread.begin({ ...job, datasets });
    this.refresh(copy);
    const outcome = await answer;
    this.isReady = outcome.kind === "begun";
    return outcome;
  }

  /** Sends the state if somebody else than the workers has changed it. */
  refresh(copy: number): void {
    if (this.#edits !== this.#home.edits) this.sendAll(copy);
  }

  /** Sends the whole state. */
  sendAll(copy: number): void {
    this.#edits = this.#home.edits;
    this.holdsAll = true;
    this.#send({ copy, bytes: this.#home.copy() });
  }

  /** Sends what an update has made of the state's first bytes. */
  sendFirst(task: AdoptTask): void {
    this.holdsAll = false;
    this.#send(task);
  }

  #send(task: AdoptTask): void {
    // A worker that ends says so at the next question.
    this.#thread.adopt(task).catch(() => undefined);
  }

  async shard(task: ShardTask): Promise<ShardOutcome> {
    this.asked.push(task.shard);
    const outcome = await this.#thread.shard(task);
    this.asked.splice(this.asked.indexOf(task.shard), 1);
    return outcome;
  }

  finish(task: FinishTask): Promise<FinishOutcome> {
    return this.#thread.finish(task);
  }

  end(reason: Error): void {
    this.#thread.end(reason);
  }
}
