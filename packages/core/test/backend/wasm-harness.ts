/** Runs a program on the interpreter and as wasm, and compares every buffer bit for bit. */
import { expect } from "vitest";
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import { emitWasm, type WasmOptions } from "../../src/backend/wasm/emit.ts";
import { readAheadBytes } from "../../src/backend/wasm/frame.ts";
import { indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import { legalize, portableTarget } from "../../src/loop-ir/legalize.ts";
import type {
  Buffer,
  Index,
  LoopFunction,
  Program,
  ScalarType,
  Statement,
} from "../../src/loop-ir/types.ts";
import { collectSizes } from "../../src/loop-ir/collect-sizes.ts";
import { constantSize, evaluateSize, type Size, symbolSize } from "../../src/size/size.ts";

export type Memory = Float32Array | Float64Array | Int32Array;

/** A size that only a call knows. */
export const symbol = (name: string): Size => symbolSize({ kind: "symbol", key: name, name });

/** Collects the buffers and functions of a program. */
export class ProgramBuilder {
  readonly buffers: Buffer[] = [];
  readonly functions: LoopFunction[] = [];
  panelWidth = { f32: 8, f64: 4 };

  buffer(type: ScalarType, size: Size | number, name = `b${this.buffers.length}`): Buffer {
    const buffer: Buffer = {
      id: this.buffers.length,
      name,
      type,
      size: typeof size === "number" ? constantSize(size) : size,
      role: "shared",
    };
    this.buffers.push(buffer);
    return buffer;
  }

  build(body: readonly Statement[]): Program {
    const entries: LoopFunction[] = [{ name: "main", params: [], body }];
    const sizes = new Map<string, Size>();
    for (const size of collectSizes(this.buffers, [...this.functions, ...entries]))
      if (size.constant === undefined) sizes.set(size.key, size);
    return {
      name: "test",
      buffers: this.buffers,
      sizes: [...sizes.values()],
      functions: this.functions,
      entries,
      panelWidth: this.panelWidth,
    };
  }
}

/** A loop over `extent`; the body gets its position. */
export function forLoop(
  extent: Size | number,
  body: (i: Index) => readonly Statement[],
  parallel = true,
): Statement {
  const v = indexVar("i");
  return {
    kind: "for",
    var: v,
    extent: typeof extent === "number" ? constantSize(extent) : extent,
    parallel,
    body: body(indexOf(v)),
  };
}

export function contentsOf(buffer: Buffer, length: number, fill: (i: number) => number): Memory {
  const memory =
    buffer.type === "f32"
      ? new Float32Array(length)
      : buffer.type === "f64"
        ? new Float64Array(length)
        : new Int32Array(length);
  for (let i = 0; i < length; i++) memory[i] = fill(i);
  return memory;
}

/** A repeatable sequence of numbers in [0, 1). */
export function numbers(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const guard = 64;
const sentinel = 0xa5;
const frameAddress = 1024;

export interface Result {
  readonly status: number;
  readonly buffers: readonly Memory[];
}

/** Runs the entry `main`; memory ends `readAheadBytes` after the last buffer, so that reading further traps, and guards between them must stay as they were. */
export function runWasm(
  program: Program,
  sizes: ReadonlyMap<string, number>,
  contents: readonly Memory[],
  options: Partial<WasmOptions> = {},
): Result {
  const { bytes, frame } = emitWasm(legalize(program, portableTarget), {
    sharedMemory: false,
    ...options,
  });
  expect(WebAssembly.validate(bytes)).toBe(true);
  const total = contents.reduce(
    (n, m) => n + m.byteLength + guard + 8,
    frameAddress + frame.words * 4 + guard,
  );
  const pages = Math.ceil(total / 65536) + 1;
  const memory = new WebAssembly.Memory({
    initial: pages,
    maximum: 65536,
    shared: options.sharedMemory === true,
  });
  const all = new Uint8Array(memory.buffer).fill(sentinel);
  const words = new Int32Array(memory.buffer);
  const addresses: number[] = [];
  let end = all.length - readAheadBytes;
  for (const m of contents) {
    end = (end - m.byteLength) & -8;
    if (!(m instanceof Float64Array) && addresses.length > 0) end -= 4;
    addresses.push(end);
    all.set(new Uint8Array(m.buffer, m.byteOffset, m.byteLength), end);
    end -= guard;
  }
  const at = frameAddress / 4;
  addresses.forEach((address, id) => (words[at + frame.buffers + id] = address));
  program.sizes.forEach((size, i) => (words[at + frame.sizes + i] = evaluateSize(size, sizes)));
  words[at + frame.status] = 0;
  const before = all.slice();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  (instance.exports["main"] as (frame: number) => void)(frameAddress);
  const buffers = contents.map((m, id) => {
    const address = addresses[id] ?? 0;
    const copy = all.slice(address, address + m.byteLength).buffer;
    before.set(all.subarray(address, address + m.byteLength), address);
    return m instanceof Float32Array
      ? new Float32Array(copy)
      : m instanceof Float64Array
        ? new Float64Array(copy)
        : new Int32Array(copy);
  });
  const status = words[at + frame.status] ?? 0;
  words[at + frame.status] = 0;
  expect(
    all.every((byte, i) => byte === before[i]),
    "memory outside the buffers changed",
  ).toBe(true);
  return { status, buffers };
}

/** The bits of each element, all NaNs the same. */
export function bitsOf(memory: Memory): readonly (string | number)[] {
  if (memory instanceof Int32Array) return [...memory];
  if (memory instanceof Float32Array) {
    const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.length);
    return [...words].map((word, i) => (Number.isNaN(memory[i]) ? "NaN" : word));
  }
  const words = new BigUint64Array(memory.buffer, memory.byteOffset, memory.length);
  return [...words].map((word, i) => (Number.isNaN(memory[i]) ? "NaN" : word.toString(16)));
}

/** Runs both and compares, all but what is left in `scratch`; returns the interpreter's buffers, and those of the module in `scratch`. */
export function expectSame(
  program: Program,
  sizes: Readonly<Record<string, number>>,
  contents: readonly Memory[],
  options: Partial<WasmOptions> = {},
  scratch: readonly Buffer[] = [],
): readonly Memory[] {
  const env = new Map(Object.entries(sizes));
  const defined: Memory[] = contents.map((m) => m.slice());
  const status = interpret(
    program,
    {
      sizes: env,
      buffers: new Map(program.buffers.map((b, i) => [b, defined[i] ?? new Int32Array(0)])),
    },
    "main",
  );
  const wasm = runWasm(program, env, contents, options);
  expect(wasm.status).toBe(status);
  wasm.buffers.forEach((memory, i) => {
    if (scratch.some(({ id }) => id === i)) {
      defined[i] = memory;
      return;
    }
    const [got, wanted] = [bitsOf(memory), bitsOf(defined[i] ?? memory)];
    const wrong = got.findIndex((bits, j) => bits !== wanted[j]);
    if (wrong >= 0)
      expect.fail(
        `${program.buffers[i]?.name}[${wrong}] is ${memory[wrong]} and should be ${defined[i]?.[wrong]}`,
      );
  });
  return defined;
}
