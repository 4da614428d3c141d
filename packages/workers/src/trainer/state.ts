/**
 * The parameters and the optimiser's state in shared memory, twice. A training step reads one copy and writes the other, so
 * whatever happens to it, the copy it began with is whole.
 */
import type { NDArray, Shared } from "@scan-train/core";
import type { Arena, MemoryViews } from "../compute/memory.ts";
import type { StateLayout } from "../compute/work.ts";
import type { StateVariables } from "./layout.ts";
import { beingTrained, giveBack, readValue, takeOver, writeValue } from "./state-values.ts";

/** A run that changes the state by itself. */
export interface RunningState {
  /** Which copy holds. */
  readonly copy: () => number;
  /** How many steps are through. */
  readonly finished: () => number;
}

export class TrainerState {
  readonly layout: StateLayout;
  readonly variables: readonly Shared[];
  readonly #views: MemoryViews;
  #settled = 0;
  #running: RunningState | undefined;

  /** Takes the variables' values over. @throws ArgumentError SHARED_OWNED */
  constructor(views: MemoryViews, arena: Arena, { variables, offsets, bytes }: StateVariables) {
    this.#views = views;
    this.variables = variables;
    const copies = [arena.allocate(bytes), arena.allocate(bytes)] as const;
    this.layout = { bytes, offsets, copies };
    takeOver(variables, this);
  }

  /** The copy that holds now. */
  get current(): number {
    return this.#running?.copy() ?? this.#settled;
  }

  /** A run has begun. */
  follow(running: RunningState): void {
    this.#running = running;
  }
  /** The run is over. */
  settle(): void {
    this.#settled = this.current;
    this.#running = undefined;
  }

  /** A copy of a variable's value, never half old and half new. */
  read(variable: Shared): NDArray {
    return this.steady(() => {
      const copy = this.layout.copies[this.current === 0 ? 0 : 1];
      return readValue(this.#views.memory.buffer, variable, copy + this.#offset(variable));
    });
  }

  /** What `look` gives when no step came to its end meanwhile: the copy that it reads is overwritten only after that. */
  steady<T>(look: () => T): T {
    for (;;) {
      const before = this.#running?.finished();
      const seen = look();
      if (this.#running?.finished() === before) return seen;
    }
  }

  /** Replaces a value in both copies. @throws ArgumentError TRAINER_BUSY while a run is going on */
  write(variable: Shared, value: NDArray): void {
    if (this.#running !== undefined) throw beingTrained(variable);
    for (const copy of this.layout.copies)
      writeValue(this.#views.memory.buffer, value, copy + this.#offset(variable));
  }

  /** Gives the variables their values back, in memory of their own. */
  release(): void {
    giveBack(this.variables, this);
  }

  #offset(variable: Shared): number {
    return this.layout.offsets[this.variables.indexOf(variable)] ?? 0;
  }
}
