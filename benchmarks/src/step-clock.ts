/** Times the steps of a trainer by their events. */
import type { TrainerEvent } from "@scan-train/workers/node";
import type { Rate } from "./throughput.ts";

type StepEvent = Extract<TrainerEvent, { kind: "step" }>;

export class StepClock {
  #last = 0;
  #seconds = 0;
  #steps = 0;
  #sequences = 0;
  #tokens = 0;
  #computed = 0;
  #loss = NaN;

  /** The next step begins now. */
  start(): void {
    this.#last = performance.now();
  }

  /** A step is through. */
  count({ sequences, tokens, waste, loss }: StepEvent): void {
    const now = performance.now();
    this.#seconds += (now - this.#last) / 1000;
    this.#last = now;
    this.#steps++;
    this.#sequences += sequences;
    this.#tokens += tokens;
    this.#computed += tokens / (1 - waste);
    this.#loss = loss;
  }

  /** Over all steps counted. @throws Error where there are none */
  rate(): Rate {
    if (this.#steps === 0) throw new Error("no step was counted");
    return {
      step: (1000 * this.#seconds) / this.#steps,
      sequencesPerSecond: this.#sequences / this.#seconds,
      tokensPerSecond: this.#tokens / this.#seconds,
      waste: 1 - this.#tokens / this.#computed,
      loss: this.#loss,
    };
  }
}
