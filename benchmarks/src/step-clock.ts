/** Times the steps of a trainer by the clock of its workers: their events come in bunches. */
import type { TrainerEvent } from "@scan-train/workers/node";
import type { Rate } from "./throughput.ts";

type StepEvent = Extract<TrainerEvent, { kind: "step" }>;

export class StepClock {
  #seconds = 0;
  #steps = 0;
  #sequences = 0;
  #tokens = 0;
  #computed = 0;
  #loss = NaN;

  /** Takes the time of a step, from the end of the one before it. */
  count({ seconds, sequences, tokens, waste, loss }: StepEvent): void {
    this.#seconds += seconds;
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
