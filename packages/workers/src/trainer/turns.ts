/** An engine does one thing at a time, until it is closed. */
import { ArgumentError } from "@scan-train/core";
import { busyError, closedError } from "./failures.ts";

export class Turns {
  /** Steps are going through, or about to. */
  #busy = false;
  #closed = false;

  get busy(): boolean {
    return this.#busy;
  }
  get closed(): boolean {
    return this.#closed;
  }

  /** Refuses to begin `what` beside something else. @throws ArgumentError TRAINER_BUSY, TRAINER_CLOSED */
  require(what: string): void {
    if (this.#closed) throw new ArgumentError("TRAINER_CLOSED", `${what}: the trainer is closed`);
    if (this.#busy) throw busyError(what);
  }

  /** The same in the midst of what was begun. */
  requireStill(): void {
    if (this.#closed) throw closedError();
    if (this.#busy) throw busyError("the next steps");
  }

  begin(): void {
    this.requireStill();
    this.#busy = true;
  }
  end(): void {
    this.#busy = false;
  }
  close(): void {
    this.#closed = true;
  }
}
