/** The main thread's side of the protocol: publish steps ahead, read results, release what dead workers held. It never blocks. */
import { readClaim, released } from "./claims.ts";
import { Control, sharedClock, tellEvery, type Step } from "./control.ts";
import { halt, phase, phases, word, type ControlShape } from "./messages.ts";

/** A step to be published. */
export type StepRequest = Omit<Step, "index">;

/** A step that is through. */
export interface StepResult {
  readonly step: Step;
  readonly results: Float64Array;
  /** The rank that did each shard. */
  readonly owners: readonly number[];
}

/** A task that a dead worker held, and how often it has failed now. */
export interface Released {
  readonly step: number;
  readonly phase: number;
  readonly task: number;
  readonly attempts: number;
}

/** Why the run halted by itself. */
export interface RunFailure {
  readonly code: number;
  readonly step: Step;
  readonly task: number;
  readonly detail: number;
}

export class Coordinator {
  readonly control: Control;
  #read = 0;

  constructor(shape: ControlShape) {
    this.control = Control.create(shape);
  }

  /** Steps published so far. */
  get published(): number {
    return this.control.load(word.published);
  }
  /** Steps that are through. */
  get finished(): number {
    return Math.floor(this.control.load(word.tick) / phases);
  }
  /** Steps that could be published now without overwriting an unread result. */
  get room(): number {
    return this.control.shape.ring - (this.published - this.#read);
  }

  /** Lets workers begin a step; there must be `room`. */
  publish(request: StepRequest): Step {
    const step: Step = { ...request, index: this.published };
    // The first step after a pause is told as soon as it ends.
    if (this.finished === step.index) this.control.store(word.toldAt, sharedClock() - tellEvery);
    this.control.writeStep(step);
    this.control.store(word.published, step.index + 1);
    this.control.ring(word.signal);
    return step;
  }

  /** The next result, if there is one. */
  read(): StepResult | undefined {
    const { control } = this;
    if (this.#read >= this.finished) return undefined;
    const index = this.#read++;
    const shared = control.step(index);
    const owners = Array.from({ length: shared.shards }, (_, shard) =>
      control.load(control.ownerWord(index, shard)),
    );
    const step = { ...shared, rows: shared.rows.slice() };
    return { step, results: control.results(index).slice(), owners };
  }

  /** Waits for news for at most `milliseconds`. `seen` is the value of `news` before the caller looked. */
  async wait(seen: number, milliseconds: number): Promise<void> {
    const { words } = this.control;
    if (typeof Atomics.waitAsync === "function") {
      const waiting = Atomics.waitAsync(words, word.news, seen, milliseconds);
      if (waiting.async) await waiting.value;
      return;
    }
    const until = performance.now() + milliseconds;
    while (this.control.load(word.news) === seen && performance.now() < until)
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }

  /** The present value of `news`, for `wait`. */
  get news(): number {
    return this.control.load(word.news);
  }

  /**
   * Frees the tasks of a rank whose thread has ended. `freshSlot` gives a shard a new place for its sums: should the owner of a
   * long task write after all, nobody reads it.
   */
  release(rank: number, freshSlot: (shard: number) => number): Released[] {
    const { control } = this;
    const tick = control.load(word.tick);
    const [index, which] = [Math.floor(tick / phases), tick % phases];
    if (index >= this.published) return [];
    const list: Released[] = [];
    const count = control.taskCount(control.step(index), which);
    for (let task = 0; task < count; task++) {
      const at = control.claimWord(task);
      const old = control.load(at);
      const { attempt, owner } = readClaim(old, tick);
      if (owner !== rank) continue;
      if (which === phase.shards) control.store(control.slotWord(task), freshSlot(task));
      control.swap(at, old, released(tick, attempt + 1));
      list.push({ step: index, phase: which, task, attempts: attempt + 1 });
    }
    control.ring(word.signal);
    return list;
  }

  /** Ends the run: workers return after the task at hand. */
  stop(): void {
    this.control.swap(word.halt, halt.running, halt.stopped);
    this.control.ring(word.signal);
  }

  /** Why the run halted, unless it goes on or was stopped. */
  get failure(): RunFailure | undefined {
    const code = this.control.load(word.halt);
    if (code === halt.running || code === halt.stopped) return undefined;
    const step = this.control.step(this.control.load(word.failedStep));
    const task = this.control.load(word.failedTask);
    return { code, step, task, detail: this.control.load(word.failedDetail) };
  }
}
