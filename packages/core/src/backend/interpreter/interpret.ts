/**
 * The interpreter: the definition of the loop IR. Every f32 operation is rounded by `Math.fround`, integers wrap, floats follow
 * WebAssembly; elementary functions mean their portable expansion. Any access outside a buffer throws: other backends may trust that
 * a program that passed here stays in bounds.
 */
import { InternalError } from "../../errors/errors.ts";
import { expandPrefixes } from "../../loop-ir/expand-prefix.ts";
import { legalize, portableTarget } from "../../loop-ir/legalize.ts";
import type { Buffer, Program } from "../../loop-ir/types.ts";
import { validate } from "../../loop-ir/validate.ts";
import { evaluateSize, type Size } from "../../size/size.ts";
import { Compiler } from "./compiler.ts";
import { Machine, type Memory, run, type Step } from "./machine.ts";
import { Functions } from "./statements.ts";

/** What a call brings. */
export interface Interpretation {
  /** Values of the program's sizes by key. Sizes that are not listed are computed from the symbols that are. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Contents; an absent `constant` has its own, an absent `temporary` gets fresh memory full of NaN (integers: 0). */
  readonly buffers: ReadonlyMap<Buffer, Memory>;
  /** Hears events: the element `at` of an array, or the number `at`. */
  readonly host?: Machine["host"];
}

interface Compiled {
  readonly machine: Machine;
  readonly sizes: readonly Size[];
  readonly limits: readonly number[];
  readonly entries: ReadonlyMap<string, readonly Step[]>;
}

const compiled = new WeakMap<Program, Compiled>();

/**
 * Runs one entry and returns 0, or the code of the first `fail` that held.
 * @throws INTERNAL on a program that is not valid, a missing size or buffer, or an access out of bounds
 */
export function interpret(
  program: Program,
  { sizes, buffers, host }: Interpretation,
  entryName: string,
): number {
  const unit = compiled.get(program) ?? compile(program);
  compiled.set(program, unit);
  const steps = unit.entries.get(entryName);
  if (steps === undefined)
    throw new InternalError(`program ${program.name} has no entry ${entryName}`);
  const { machine } = unit;
  unit.sizes.forEach((size, place) => {
    machine.sizes[place] = size.constant ?? sizes.get(size.key) ?? evaluateSize(size, sizes);
  });
  program.buffers.forEach((buffer, place) => {
    machine.memory[place] = contents(
      buffer,
      buffers.get(buffer),
      machine.sizes[unit.limits[place] ?? 0] ?? 0,
    );
  });
  machine.status = 0;
  machine.host = host ?? deaf;
  try {
    run(steps);
  } finally {
    machine.memory.fill(new Int32Array(0));
  }
  return machine.status;
}

const deaf: Machine["host"] = () => undefined;

function compile(program: Program): Compiled {
  validate(program);
  const legal = legalize(expandPrefixes(program), portableTarget);
  const compiler = new Compiler(legal);
  const functions = new Functions(compiler);
  const entries = legal.entries.map((entry) => [entry.name, functions.get(entry)] as const);
  const limits = legal.buffers.map((buffer) => compiler.size(buffer.size));
  const machine = new Machine(compiler.registers, compiler.sizes.length, legal.buffers.length);
  for (const [e, place] of compiler.constants)
    if (e.kind === "const") machine.registers[place] = e.value;
  return {
    machine,
    sizes: compiler.sizes,
    limits,
    entries: new Map(entries.map(([name, func]) => [name, func.steps(machine)])),
  };
}

function contents(buffer: Buffer, given: Memory | undefined, size: number): Memory {
  const memory =
    given ??
    (buffer.role === "constant"
      ? buffer.data
      : buffer.role === "temporary"
        ? fresh(buffer, size)
        : undefined);
  if (memory === undefined) throw new InternalError(`no contents for buffer ${buffer.name}`);
  const wanted =
    buffer.type === "f32" ? Float32Array : buffer.type === "f64" ? Float64Array : Int32Array;
  if (!(memory instanceof wanted))
    throw new InternalError(`buffer ${buffer.name} of ${buffer.type} holds another type`);
  if (memory.length < size)
    throw new InternalError(`buffer ${buffer.name} holds ${memory.length} of ${size} elements`);
  return memory;
}

function fresh(buffer: Buffer, size: number): Memory {
  if (buffer.type === "f32") return new Float32Array(size).fill(NaN);
  return buffer.type === "f64" ? new Float64Array(size).fill(NaN) : new Int32Array(size);
}
