/**
 * The parameters and the optimiser's state in shared memory, twice. A training step reads one copy and writes the other, so
 * whatever happens to it, the copy it began with is whole.
 */
import { ArgumentError, NDArray, type DType, type Shared } from "@scan-train/core";
import { bytesOf, HostHolder, type SharedHolder } from "@scan-train/core/backend-kit";
import type { Arena, MemoryViews } from "../compute/memory.ts";
import type { StateLayout } from "../compute/work.ts";
import type { StateVariables } from "./layout.ts";

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
    for (const variable of variables) refuseOwned(variable);
    this.#views = views;
    this.variables = variables;
    const copies = [arena.allocate(bytes), arena.allocate(bytes)] as const;
    this.layout = { bytes, offsets, copies };
    for (const variable of variables) {
      const value = variable.cell.holder.read();
      this.writeAll(variable, value);
      variable.cell.holder = this.#holder(variable);
    }
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
    return this.steady(() => this.#readCopy(variable, this.current));
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
  writeAll(variable: Shared, value: NDArray): void {
    if (this.#running !== undefined)
      throw new ArgumentError(
        "TRAINER_BUSY",
        `variable "${variable.name ?? "?"}" is being trained`,
        {
          hint: "set values before fit, or at the end of an epoch",
        },
      );
    for (const copy of this.layout.copies) {
      const at = copy + this.#offset(variable);
      const bytes = bytesOf[variable.dtype];
      viewOf(this.#views, variable.dtype).set(value.data, at / bytes);
    }
  }

  /** Gives the variables their values back, in memory of their own. */
  release(): void {
    for (const variable of this.variables)
      variable.cell.holder = new HostHolder(this.read(variable));
  }

  #holder(variable: Shared): SharedHolder {
    return {
      owner: "a trainer",
      read: () => this.read(variable),
      write: (value) => {
        this.writeAll(variable, value);
      },
    };
  }

  #offset(variable: Shared): number {
    return this.layout.offsets[this.variables.indexOf(variable)] ?? 0;
  }

  #readCopy(variable: Shared, copy: number): NDArray {
    const shape = variable.shape.map((size) => size.constant ?? 0);
    const length = shape.reduce((n, d) => n * d, 1);
    const base = this.layout.copies[copy === 0 ? 0 : 1] + this.#offset(variable);
    const at = base / bytesOf[variable.dtype];
    const slice = viewOf(this.#views, variable.dtype).slice(at, at + length);
    return arrayOf(variable.dtype, shape, slice);
  }
}

type View = Float32Array | Float64Array | Int32Array;

function viewOf({ f32, f64, i32 }: MemoryViews, dtype: DType): View {
  return { float32: f32, float64: f64, int32: i32, bool: i32 }[dtype];
}

function arrayOf(dtype: DType, shape: readonly number[], data: View): NDArray {
  return new NDArray<DType>(dtype, shape, dtype === "bool" ? Uint8Array.from(data) : data);
}

function refuseOwned({ name, site, cell }: Shared): void {
  const { owner } = cell.holder;
  if (owner === undefined) return;
  throw new ArgumentError("SHARED_OWNED", `variable "${name ?? "?"}" already belongs to ${owner}`, {
    notes: [`made at ${site.toString()}`],
    hint: "close() the other trainer, or dispose() of the functions compiled from the variable; they may be compiled again after close() of this one",
  });
}
