/** What a compiled function says while it runs: values to show, and times. */
import { InternalError } from "../errors/errors.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { Sizes } from "../graph/evaluate.ts";
import type { HostEvent } from "../lower/events.ts";
import { evaluateSize } from "../size/size.ts";
import type { Store } from "./store.ts";

/** A step of a loop, by the row of the sequences that it works on. */
export interface PrintedStep {
  readonly loop: string;
  readonly step: number;
}

/** A value that `printValue` shows. */
export interface Printed {
  readonly label: string;
  readonly value: NDArray;
  /** The steps of the loops around it, outermost first. */
  readonly steps: readonly PrintedStep[];
}

/** Work by its name, summed over calls. */
export interface WorkTime {
  readonly name: string;
  /** How often it ran. */
  readonly count: number;
  readonly milliseconds: number;
}

export class HostLog {
  readonly #events: readonly HostEvent[];
  readonly #store: Store;
  readonly #onPrint: (printed: Printed) => void;
  readonly #times = new Map<string, { count: number; milliseconds: number }>();
  #steps: PrintedStep[] = [];
  #began = 0;
  #sizes: Sizes = new Map();

  constructor(events: readonly HostEvent[], store: Store, onPrint: (printed: Printed) => void) {
    this.#events = events;
    this.#store = store;
    this.#onPrint = onPrint;
  }

  /** A call begins, with these sizes. */
  begin(sizes: Sizes): void {
    this.#sizes = sizes;
    this.#steps = [];
  }

  /** What the module imports as `env.host`. */
  readonly hear = (number: number, at: number): void => {
    const event = this.#events[number];
    if (event === undefined) throw new InternalError(`no event ${number}`);
    switch (event.kind) {
      case "row":
        this.#steps.push({ loop: event.loop, step: at });
        return;
      case "print": {
        const shape = event.shape.map((size) => evaluateSize(size, this.#sizes));
        const value = this.#store.read(at >>> 0, event.dtype, shape);
        const steps = this.#steps;
        this.#steps = [];
        this.#onPrint({ label: event.label, value, steps });
        return;
      }
      case "begin":
        this.#began = performance.now();
        return;
      case "end": {
        const time = performance.now() - this.#began;
        const known = this.#times.get(event.work) ?? { count: 0, milliseconds: 0 };
        this.#times.set(event.work, {
          count: known.count + 1,
          milliseconds: known.milliseconds + time,
        });
        return;
      }
      default:
        event satisfies never;
    }
  };

  /** The longest first. */
  get times(): WorkTime[] {
    return [...this.#times]
      .map(([name, time]) => ({ name, ...time }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }
}
