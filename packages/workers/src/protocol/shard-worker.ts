/** A worker's side of the protocol: find a task, claim it, do it, publish it; wait when there is none. */
import { claimed, finished, readClaim } from "./claims.ts";
import { sharedClock, tellEvery, type Control, type Step } from "./control.ts";
import { halt, phase, phases, word } from "./messages.ts";

/** Why a step may not be committed. */
export interface StepFailure {
  readonly code: number;
  readonly task: number;
  readonly detail: number;
}

/** What the tasks of a step are; implemented by compiled programs, and by plain loops in tests. */
export interface Compute {
  /** Sums of one shard into its slot, with the status of the program. */
  shard(step: Step, shard: number, attempt: number): void;
  /** Adds a stripe of the gradient over all shards. May be repeated. */
  reduce(step: Step, stripe: number, attempt: number): void;
  /** Updates the state from `step.source` into the other copy, and writes the results; or says why not. May be repeated. */
  finish(step: Step, results: Float64Array, attempt: number): StepFailure | undefined;
}

/** What a look at the control words led to. */
export type Poll = "worked" | "idle" | "halted";

/**
 * Milliseconds for which a worker looks before it goes to sleep. Waking it would cost another worker more than a stripe of the
 * gradient does, and the update of a small model, or the end of a shard on a slower processor, takes less than this. A few
 * microseconds where others want the processor.
 */
const patience = { roomy: 1, crowded: 0.002 } as const;
/** Milliseconds after which a sleeping worker looks by itself, whatever happened to those who should wake it. */
const longestSleep = 100;

export class ShardWorker {
  readonly #control: Control;
  readonly #compute: Compute;
  readonly #rank: number;
  readonly #patience: number;
  /** Tasks done. */
  tasks = 0;

  constructor(control: Control, compute: Compute, rank: number, isCrowded: boolean) {
    this.#control = control;
    this.#compute = compute;
    this.#rank = rank;
    this.#patience = isCrowded ? patience.crowded : patience.roomy;
  }

  /** Works until the run halts; blocks the thread. */
  run(): void {
    const control = this.#control;
    for (;;) {
      const seen = control.load(word.signal);
      const outcome = this.poll();
      if (outcome === "halted") return;
      if (outcome === "worked") continue;
      const until = performance.now() + this.#patience;
      while (control.load(word.signal) === seen && performance.now() < until);
      Atomics.wait(control.words, word.signal, seen, longestSleep);
    }
  }

  /** Does one task, or moves the tick on, or finds nothing to do. */
  poll(): Poll {
    const control = this.#control;
    if (control.load(word.halt) !== halt.running) return "halted";
    const tick = control.load(word.tick);
    const [index, which] = [Math.floor(tick / phases), tick % phases];
    if (index >= control.load(word.published)) return "idle";
    const step = control.step(index);
    const count = control.taskCount(step, which);
    let open = 0;
    for (let i = 0; i < count; i++) {
      const task = (i + this.#rank) % count;
      const at = control.claimWord(task);
      const old = control.load(at);
      // The word and the step belong to `tick` only if it still stands.
      if (control.load(word.tick) !== tick) return "worked";
      const { attempt, owner } = readClaim(old, tick);
      if (owner === "done") continue;
      open++;
      if (owner !== "free") continue;
      const mine = claimed(tick, attempt, this.#rank);
      if (!control.swap(at, old, mine)) continue;
      this.#perform(step, which, task, attempt, mine);
      return "worked";
    }
    return open === 0 && this.#advance(tick) ? "worked" : "idle";
  }

  #perform(step: Step, which: number, task: number, attempt: number, mine: number): void {
    const control = this.#control;
    if (!this.#do(step, which, task, attempt)) return;
    if (which === phase.shards) control.store(control.ownerWord(step.index, task), this.#rank);
    const result = finished(step.index * phases + which, attempt);
    if (control.swap(control.claimWord(task), mine, result)) this.tasks++;
  }

  /** False when the step must not go on. */
  #do(step: Step, which: number, task: number, attempt: number): boolean {
    if (which === phase.shards) this.#compute.shard(step, task, attempt);
    else if (which === phase.reduce) this.#compute.reduce(step, task, attempt);
    else {
      const failure = this.#compute.finish(step, this.#control.results(step.index), attempt);
      if (failure !== undefined) this.#halt(step, failure);
      return failure === undefined;
    }
    return true;
  }

  #halt(step: Step, failure: StepFailure): void {
    const control = this.#control;
    control.store(word.failedStep, step.index);
    control.store(word.failedTask, failure.task);
    control.store(word.failedDetail, failure.detail);
    control.swap(word.halt, halt.running, failure.code);
    control.ring(word.signal);
    control.ring(word.news);
  }

  #advance(tick: number): boolean {
    const control = this.#control;
    if (!control.swap(word.tick, tick, tick + 1)) return true;
    control.ring(word.signal);
    if (tick % phases === phase.finish) this.#tell(Math.floor(tick / phases) + 1);
    return true;
  }

  /** Wakes the main thread, but only where workers need more or a reader of events would notice: it takes time from a worker. */
  #tell(finished: number): void {
    const control = this.#control;
    const now = sharedClock();
    const isDue =
      finished === control.load(word.published) ||
      finished - control.load(word.told) >= control.shape.ring / 2 ||
      ((now - control.load(word.toldAt)) | 0) >= tellEvery;
    if (!isDue) return;
    control.store(word.told, finished);
    control.store(word.toldAt, now);
    control.ring(word.news);
  }
}
