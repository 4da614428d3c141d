/**
 * The order in which things are asked of a device. Most are begun at once, and the device keeps their order. A call that looks at what it
 * computed before it keeps anything takes several turns of the device: what is asked meanwhile waits for it.
 */
import type { Device } from "./device.ts";

export class DeviceTurns {
  /** The end of what others must wait for; undefined when there is nothing. */
  #last: Promise<void> | undefined;

  get isFree(): boolean {
    return this.#last === undefined;
  }

  /** Runs `work` in its turn; what is asked later waits until it has ended. */
  whole<T>(work: () => Promise<T>): Promise<T> {
    const mine = (this.#last ?? Promise.resolve()).then(work);
    this.#wait(mine);
    return mine;
  }

  /** Begins `work` in its turn, which is now where nothing is to be waited for; what is asked later waits only until it has begun. */
  begun<T>(work: () => Promise<T>): Promise<T> {
    if (this.#last === undefined) return work();
    // In an object, lest its end be waited for.
    const began = this.#last.then(() => ({ end: work() }));
    this.#wait(began);
    return began.then(({ end }) => end);
  }

  #wait(what: Promise<unknown>): void {
    const end = what.then(
      () => undefined,
      () => undefined,
    );
    this.#last = end;
    void end.then(() => {
      if (this.#last === end) this.#last = undefined;
    });
  }
}

const known = new WeakMap<Device, DeviceTurns>();

export function turnsOf(device: Device): DeviceTurns {
  const turns = known.get(device) ?? new DeviceTurns();
  known.set(device, turns);
  return turns;
}
