/** What a thread has built for a trainer and keeps from run to run: views, its own arena, instances of the programs. */
import {
  bytesOf,
  callSizes,
  evaluateSize,
  Executable,
  type PlanArray,
} from "@scan-train/core/backend-kit";
import { Arena, MemoryViews, Region } from "./memory.ts";
import type { Program, Programs } from "./work.ts";

export type Sizes = ReadonlyMap<string, number>;

/** Elements of an input or output for these sizes. */
export function portCount(port: PlanArray, sizes: Sizes): number {
  return port.shape.reduce((n, size) => n * evaluateSize(size, sizes), 1);
}

/** A program in this thread. */
export class BoundProgram {
  readonly program: Program;
  readonly #executable: Executable;
  readonly #frame: number;
  readonly #bench: Workbench;
  readonly #addresses = new Map<number, number>();

  constructor(program: Program, bench: Workbench) {
    const { module, plan } = program;
    this.program = program;
    this.#bench = bench;
    const { memory } = bench.views;
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#executable = new Executable(plan, { instance, memory });
    this.#frame = bench.arena.allocate(this.#executable.frameBytes);
  }

  /** Sets where a buffer lies. */
  place(port: { readonly buffer: number }, address: number): void {
    this.#addresses.set(port.buffer, address);
  }

  /** Makes the program ready for these sizes, with its shared variables in the copy of the state at `state`. */
  bind(sizes: Sizes, state: number, offsets: readonly number[]): void {
    const { plan, state: indices } = this.program;
    for (const [i, variable] of plan.shared.entries())
      this.place(variable, state + (offsets[indices[i] ?? 0] ?? 0));
    const all = callSizes(plan.name, plan, sizes);
    const scratch = this.#bench.scratch.reserve(this.#executable.scratchBytes(all));
    const address = (buffer: number): number => this.#addresses.get(buffer) ?? 0;
    this.#executable.bind({ frame: this.#frame, scratch, sizes: all, address });
  }

  /** 0, or the status of a failure. */
  run(): number {
    return this.#executable.run();
  }

  /** Writes the updates. */
  commit(): void {
    this.#executable.commit();
  }
}

export class Workbench {
  readonly views: MemoryViews;
  readonly arena: Arena;
  /** Shared by all programs of the thread, which run one after another. */
  readonly scratch: Region;
  readonly #bound = new Map<string, BoundProgram>();
  readonly #ports = new Map<string, Region>();

  constructor(memory: WebAssembly.Memory) {
    this.views = new MemoryViews(memory);
    this.arena = new Arena(this.views);
    this.scratch = new Region(this.arena);
  }

  /** The instance of a program; made when first asked for. */
  program(programs: Programs, key: string): BoundProgram | undefined {
    const present = this.#bound.get(key);
    const program = programs[key];
    if (present !== undefined || program === undefined) return present;
    const bound = new BoundProgram(program, this);
    this.#bound.set(key, bound);
    return bound;
  }

  /** Memory of this thread's own for an input or output, large enough for these sizes. */
  portAddress(name: string, port: PlanArray, sizes: Sizes): number {
    let region = this.#ports.get(name);
    if (region === undefined) {
      region = new Region(this.arena);
      this.#ports.set(name, region);
    }
    return region.reserve(Math.max(1, portCount(port, sizes)) * bytesOf[port.dtype]);
  }
}
