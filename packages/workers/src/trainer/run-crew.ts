/** The workers by mail during one run: who has joined it, who is to replace those that end, and when to give up. */
import { fingerprint } from "../protocol/messages.ts";
import { Bell } from "./bell.ts";
import type { Crew } from "./crew.ts";
import { lostError, mostAttempts, staleError } from "./failures.ts";
import type { Lane, RunJob } from "./lane.ts";
import type { RunEvent } from "./step-engine.ts";

export interface RunCrewOptions {
  readonly crew: Crew;
  readonly job: RunJob;
  /** Milliseconds in which a worker must appear. */
  readonly startTimeout: number;
  /** How many steps are through. */
  readonly finished: () => number;
  readonly report: (event: RunEvent) => void;
}

export class RunCrew {
  /** Rings when something has changed here; the run rings it, too. */
  readonly bell = new Bell();
  readonly #options: RunCrewOptions;
  #isEnded = false;
  #failure: Error | undefined;
  /** Steps that were through at the last death, and deaths since there were more. */
  #progress = 0;
  #deaths = 0;

  constructor(options: RunCrewOptions) {
    this.#options = options;
    for (const lane of options.crew.lanes) this.#begin(lane);
  }

  /** Nobody is to be asked any more. */
  get isOver(): boolean {
    return this.#isEnded || this.#failure !== undefined;
  }
  /** Why the run cannot go on. */
  get failure(): Error | undefined {
    return this.#failure;
  }
  /** Those who have joined. */
  get ready(): readonly Lane[] {
    return this.#options.crew.lanes.filter((lane) => lane.isReady);
  }

  end(): void {
    this.#isEnded = true;
    this.bell.ring();
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.bell.ring();
  }

  /** Waits until somebody has joined, or the run is over. @throws UnsupportedError WORKERS_LOST when nobody does */
  async someReady(): Promise<void> {
    if (await this.#waitFor(() => this.isOver || this.ready.length > 0)) return;
    throw lostError(`no worker has started within ${this.#options.startTimeout / 1000} seconds`);
  }

  /** The worker of a rank, once it has joined; undefined when the run is over. */
  async worker(rank: number): Promise<Lane | undefined> {
    const { crew, startTimeout } = this.#options;
    while (!this.isOver) {
      const lane = crew.lane(rank);
      const isGone = (): boolean => this.isOver || crew.lane(rank) !== lane;
      if (!(await this.#waitFor(() => lane.isReady || isGone())))
        this.died(lane, new Error(`it has not started within ${startTimeout / 1000} seconds`));
      else if (!isGone()) return lane;
    }
    return undefined;
  }

  /** Puts another worker in the place of one that has ended. */
  died(lane: Lane, cause: unknown): void {
    if (this.isOver) return;
    const { crew, finished, report } = this.#options;
    const reason = cause instanceof Error ? cause : new Error(String(cause));
    const fresh = crew.replace(lane, reason);
    if (fresh === undefined) return;
    report({ kind: "worker-died", worker: lane.rank, reason: reason.message });
    if (finished() > this.#progress) this.#deaths = 0;
    this.#progress = finished();
    this.#deaths++;
    if (this.#deaths > mostAttempts * crew.lanes.length) {
      this.fail(lostError("workers keep ending before they have done anything", cause));
      return;
    }
    this.#begin(fresh);
    report({ kind: "worker-replaced", worker: lane.rank });
    this.bell.ring();
  }

  #begin(lane: Lane): void {
    const { crew, job } = this.#options;
    lane.begin(job, crew.copy).then(
      (outcome) => {
        if (outcome.kind === "refused") this.fail(staleError(fingerprint(), outcome.fingerprint));
        this.bell.ring();
      },
      (error: unknown) => {
        this.died(lane, error);
      },
    );
  }

  /** False when it has not come true within the time that a worker may take to start. */
  async #waitFor(isTrue: () => boolean): Promise<boolean> {
    const until = performance.now() + this.#options.startTimeout;
    while (!isTrue()) {
      const left = until - performance.now();
      if (left <= 0) return false;
      await this.bell.wait(left);
    }
    return true;
  }
}
