/** The parameters and the optimiser's state in the page, where workers have memories of their own: those after the last whole step. */
import type { NDArray, Shared } from "@scan-train/core";
import type { StateVariables } from "./layout.ts";
import { beingTrained, giveBack, readValue, takeOver, writeValue } from "./state-values.ts";
import type { EngineState, Snapshot } from "./step-engine.ts";

export class HomeState implements EngineState {
  readonly variables: readonly Shared[];
  readonly #offsets: readonly number[];
  readonly #isLocked: () => boolean;
  #bytes: ArrayBuffer;
  /** How often somebody besides the workers has changed it. */
  edits = 0;

  /** Takes the variables' values over; `isLocked` while workers change them. @throws ArgumentError SHARED_OWNED */
  constructor({ variables, offsets, bytes }: StateVariables, isLocked: () => boolean) {
    this.variables = variables;
    this.#offsets = offsets;
    this.#isLocked = isLocked;
    this.#bytes = new ArrayBuffer(bytes);
    takeOver(variables, this);
  }

  read(variable: Shared): NDArray {
    return readValue(this.#bytes, variable, this.#offset(variable));
  }

  snapshot<T>(look: () => T): Promise<Snapshot<T>> {
    const values = this.variables.map((variable) => this.read(variable));
    return Promise.resolve({ values, seen: look() });
  }

  /** @throws ArgumentError TRAINER_BUSY while steps go through */
  write(variable: Shared, value: NDArray): void {
    if (this.#isLocked()) throw beingTrained(variable);
    writeValue(this.#bytes, value, this.#offset(variable));
    this.edits++;
  }

  /** What a step has made of it. */
  replace(bytes: ArrayBuffer): void {
    this.#bytes = bytes;
  }

  copy(): ArrayBuffer {
    return this.#bytes.slice(0);
  }

  /** Gives the variables their values back, in memory of their own. */
  release(): void {
    giveBack(this.variables, this);
  }

  #offset(variable: Shared): number {
    return this.#offsets[this.variables.indexOf(variable)] ?? 0;
  }
}
