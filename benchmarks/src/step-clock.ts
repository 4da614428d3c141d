/** Times the steps of a trainer by the clock of its workers, for events come in bunches. */
import type { TrainerEvent } from "@scan-train/workers/node";
import { fastest, type Rate } from "./throughput.ts";

type StepEvent = Extract<TrainerEvent, { readonly kind: "step" }>;

export class StepClock {
  readonly #steps: StepEvent[] = [];

  count(event: TrainerEvent): void {
    if (event.kind === "step") this.#steps.push(event);
  }

  /** The fastest so many steps in a row, with the loss of the last one of all. @throws Error where there are not so many */
  rate(window = this.#steps.length): Rate {
    const stretches = this.#steps.map((_, first) => this.#steps.slice(first, first + window));
    return fastest(stretches.filter(({ length }) => length === window).map(rateOf));
  }
}

function rateOf(steps: readonly StepEvent[]): Rate {
  const sum = (of: (event: StepEvent) => number): number =>
    steps.reduce((total, event) => total + of(event), 0);
  const [seconds, tokens] = [sum((step) => step.seconds), sum((step) => step.tokens)];
  return {
    step: (1000 * seconds) / steps.length,
    sequencesPerSecond: sum((step) => step.sequences) / seconds,
    tokensPerSecond: tokens / seconds,
    waste: 1 - tokens / sum((step) => step.tokens / (1 - step.waste)),
    loss: steps.at(-1)?.loss ?? NaN,
  };
}
