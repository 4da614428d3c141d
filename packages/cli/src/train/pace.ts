import type { RunEvent } from "../render/events.ts";

/** Adds up what a run did, from its events. */
export class Pace {
  #sequences = 0;
  #tokens = 0;
  #computed = 0;
  epochs = 0;
  /** Updates. */
  steps = 0;
  seconds = 0;

  take(event: RunEvent): void {
    if (event.kind === "epoch-end") this.epochs += 1;
    if (event.kind === "end") this.seconds = event.seconds;
    if (event.kind !== "step") return;
    this.steps += 1;
    this.#sequences += event.sequences;
    this.#tokens += event.tokens;
    this.#computed += event.tokens / (1 - event.waste);
  }

  get sequencesPerSecond(): number {
    return this.seconds > 0 ? this.#sequences / this.seconds : 0;
  }

  /** The part of the computed time steps that was padding. */
  get waste(): number {
    return this.#computed === 0 ? 0 : 1 - this.#tokens / this.#computed;
  }
}
