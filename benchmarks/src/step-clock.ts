/** Times the steps of a trainer by the clock of its workers, for events come in bunches, and what lies between epochs by its own. */
import type { TrainerEvent } from "@scan-train/workers/node";
import type { Rate } from "./throughput.ts";

export class StepClock {
  #seconds = 0;
  #steps = 0;
  #sequences = 0;
  #tokens = 0;
  #computed = 0;
  #loss = NaN;
  /** When the last step was heard of: without delay where it is the last of an epoch. */
  #heard = performance.now();

  count(event: TrainerEvent): void {
    if (event.kind === "epoch-start") this.#seconds += (performance.now() - this.#heard) / 1000;
    if (event.kind !== "step") return;
    this.#heard = performance.now();
    this.#seconds += event.seconds;
    this.#steps++;
    this.#sequences += event.sequences;
    this.#tokens += event.tokens;
    this.#computed += event.tokens / (1 - event.waste);
    this.#loss = event.loss;
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
