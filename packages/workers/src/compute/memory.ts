/** Views and regions of a WebAssembly memory: the one that all threads share, or a thread's own. */
import { InternalError, UnsupportedError } from "@scan-train/core";
import { readAheadBytes } from "@scan-train/core/backend-kit";
import type { InputViews } from "../data/gather.ts";

const pageBytes = 65536;
const alignment = 64;
/** 4 GiB: all that 32-bit addresses reach. Pages cost nothing until touched. */
const maxPages = 65536;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** A memory that threads can share. @throws UnsupportedError SHARED_MEMORY */
export function createSharedMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1, maximum: maxPages, shared: true });
  } catch (cause) {
    throw new UnsupportedError("SHARED_MEMORY", "no memory for the workers could be reserved", {
      hint: "4 GiB of address space are needed: raise the limit of virtual memory (ulimit -v)",
      cause,
    });
  }
}

/** A memory of one thread. */
export function createOwnMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: maxPages });
}

/** Views of a memory that may grow; only this class makes them. */
export class MemoryViews implements InputViews {
  readonly memory: WebAssembly.Memory;
  #buffer: ArrayBufferLike;
  u8: Uint8Array;
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#buffer = memory.buffer;
    this.u8 = new Uint8Array(this.#buffer);
    this.f32 = new Float32Array(this.#buffer);
    this.f64 = new Float64Array(this.#buffer);
    this.i32 = new Int32Array(this.#buffer);
  }

  /** Makes the views reach byte `end`, which some thread has allocated. */
  reach(end: number): void {
    if (end <= this.#buffer.byteLength) return;
    if (end > this.memory.buffer.byteLength) this.memory.grow(0);
    this.#buffer = this.memory.buffer;
    if (end > this.#buffer.byteLength)
      throw new InternalError(
        `address ${end} lies beyond the memory of ${this.#buffer.byteLength} bytes`,
      );
    this.u8 = new Uint8Array(this.#buffer);
    this.f32 = new Float32Array(this.#buffer);
    this.f64 = new Float64Array(this.#buffer);
    this.i32 = new Int32Array(this.#buffer);
  }
}

/** Hands out regions for good. Growing a shared memory is atomic, so that each thread has an arena of its own without asking. */
export class Arena {
  readonly #views: MemoryViews;
  readonly #chunk: number;
  #next = 0;
  #end = 0;

  /** Takes pages in pieces of at least `chunk` bytes. */
  constructor(views: MemoryViews, chunk = 1 << 20) {
    this.#views = views;
    this.#chunk = chunk;
  }

  /** Address of `bytes` new zeros, a multiple of 64. @throws UnsupportedError OUT_OF_MEMORY */
  allocate(bytes: number): number {
    const size = alignUp(bytes);
    if (this.#next + size > this.#end) this.#grow(size);
    const address = this.#next;
    this.#next += size;
    this.#views.reach(address + size);
    return address;
  }

  #grow(size: number): void {
    const pages = Math.ceil(Math.max(size + readAheadBytes, this.#chunk) / pageBytes);
    try {
      this.#next = this.#views.memory.grow(pages) * pageBytes;
    } catch (cause) {
      throw new UnsupportedError(
        "OUT_OF_MEMORY",
        `no ${size} bytes are left of the 4 GiB that WebAssembly can address`,
        {
          hint: "take smaller batches, more shards or fewer workers",
          cause,
        },
      );
    }
    this.#end = this.#next + pages * pageBytes - readAheadBytes;
  }
}

/** A region that is replaced by a larger one when more is asked of it. Its contents do not survive. */
export class Region {
  readonly #arena: Arena;
  #address = 0;
  #bytes = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Address of at least `bytes` bytes. */
  reserve(bytes: number): number {
    if (bytes <= this.#bytes) return this.#address;
    const size = this.#bytes === 0 ? bytes : Math.max(bytes, Math.ceil(this.#bytes * 1.5));
    this.#address = this.#arena.allocate(size);
    this.#bytes = alignUp(size);
    return this.#address;
  }
}
