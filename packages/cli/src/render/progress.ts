import type { EventOf, RunEvent, Scores } from "./events.ts";

/** Where a run stands. */
export interface Progress {
  /** Counts from 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly stepsDone: number;
  readonly steps: number;
  /** Means over the epoch so far, each step counted by its weight. */
  readonly train: Scores;
  readonly sequencesPerSecond: number;
  /** Of the epoch so far. */
  readonly waste: number;
  readonly remainingSeconds: number;
}

/** Adds up the events of a run to where it stands. */
export class ProgressMeter {
  readonly #now: () => number;
  #start: { readonly event: EventOf<"start">; readonly seconds: number } | undefined;
  #epoch = new Means();
  #sequences = 0;
  #stepsDone = 0;

  /** @param now a clock, in seconds */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.#now = now;
  }

  /** Takes an event; gives the new state after a step. */
  take(event: RunEvent): Progress | undefined {
    if (event.kind === "start") this.#start = { event, seconds: this.#now() };
    if (event.kind === "epoch-start") this.#epoch = new Means();
    if (event.kind !== "step" || this.#start === undefined) return undefined;

    this.#epoch.add(event);
    this.#sequences += event.sequences;
    this.#stepsDone += 1;
    const { epochs, steps } = this.#start.event;
    const elapsed = Math.max(this.#now() - this.#start.seconds, 1e-6);
    return {
      epoch: event.epoch,
      epochs,
      stepsDone: this.#stepsDone,
      steps: epochs * steps,
      train: this.#epoch.scores(),
      sequencesPerSecond: this.#sequences / elapsed,
      waste: this.#epoch.waste(),
      remainingSeconds: (elapsed / this.#stepsDone) * (epochs * steps - this.#stepsDone),
    };
  }
}

/** Means over steps, kept as sums. */
class Means {
  #weight = 0;
  #loss = 0;
  readonly #metrics = new Map<string, number>();
  #tokens = 0;
  #computed = 0;

  add({ weight, loss, metrics, tokens, waste }: EventOf<"step">): void {
    this.#weight += weight;
    this.#loss += loss * weight;
    for (const [name, value] of Object.entries(metrics)) {
      this.#metrics.set(name, (this.#metrics.get(name) ?? 0) + value * weight);
    }
    this.#tokens += tokens;
    this.#computed += tokens / (1 - waste);
  }

  scores(): Scores {
    const metrics = [...this.#metrics].map(([name, sum]) => [name, sum / this.#weight] as const);
    return { loss: this.#loss / this.#weight, metrics: Object.fromEntries(metrics) };
  }

  waste(): number {
    return this.#computed === 0 ? 0 : 1 - this.#tokens / this.#computed;
  }
}
