/** What a compiled program runs on: registers, the sizes of this call, memory, and the recorded failure. */
import { InternalError } from "../../errors/errors.ts";
import type { Buffer } from "../../loop-ir/types.ts";

export type Memory = Float32Array | Float64Array | Int32Array;
export type Step = () => void;

/** A step once its machine exists; registers are counted before that. */
export type Make = (m: Machine) => Step;

export class Machine {
  readonly registers: Float64Array;
  readonly sizes: Float64Array;
  /** Contents of the buffers, by their place in the program. */
  readonly memory: Memory[];
  status = 0;
  /** Hears events: the element `at` of an array, or the number `at`. */
  host: (event: number, at: number, memory: Memory | undefined) => void = () => undefined;

  constructor(registers: number, sizes: number, buffers: number) {
    this.registers = new Float64Array(registers);
    this.sizes = new Float64Array(sizes);
    this.memory = Array.from({ length: buffers }, () => new Int32Array(0));
  }

  /** The contents of the buffer at `place`. */
  contents(place: number): Memory {
    const memory = this.memory[place];
    if (memory === undefined) throw new InternalError(`no buffer ${place}`);
    return memory;
  }
}

export function run(steps: readonly Step[]): void {
  for (let i = 0; i < steps.length; i++) (steps[i] as Step)();
}

/** The error of an access outside a buffer: what the lowering or a clamp got wrong. */
export function outOfBounds(what: string, buffer: Buffer, at: number, size: number): InternalError {
  return new InternalError(`${what} ${buffer.name}[${at}] is outside its ${size} elements`);
}
