/**
 * A store owns one WebAssembly memory. Shared variables live in it, every function compiled for it imports it, and all of them
 * use one working area, because calls do not overlap. It is the only owner of views, which growth would leave short.
 */
import { readAheadBytes } from "../backend/wasm/frame.ts";
import { ArgumentError, UnsupportedError } from "../errors/errors.ts";
import { elementCount, NDArray } from "../graph/ndarray.ts";
import { allocate, type DataOf, type DType } from "../graph/dtype.ts";
import { HostHolder } from "../graph/host-holder.ts";
import { describe, type SharedCell, type SharedHolder, type Tensor } from "../graph/tensor.ts";
import { Allocator } from "./allocator.ts";
import { bytesOf } from "./executable-plan.ts";
import type { WasmMemory } from "./wasm-types.ts";

const pageBytes = 65536;
const mostPages = 65536;

interface Views {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
}

export class Store {
  readonly memory: WasmMemory;
  readonly isShared: boolean;
  #views: Views | undefined;
  /** Address 0 stays unused. */
  readonly #places = new Allocator(64, 64, (end) => this.#grow(end + readAheadBytes));
  #scratch = { address: 0, bytes: 0 };

  constructor(isShared = typeof SharedArrayBuffer !== "undefined") {
    this.isShared = isShared;
    this.memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: isShared });
  }

  get views(): Views {
    const { buffer } = this.memory;
    if (this.#views?.buffer !== buffer || this.#views.int32.byteLength !== buffer.byteLength)
      this.#views = {
        buffer,
        float32: new Float32Array(buffer),
        float64: new Float64Array(buffer),
        int32: new Int32Array(buffer),
      };
    return this.#views;
  }

  /** Bytes given out, the working area included. */
  get bytesInUse(): number {
    return this.#places.bytesInUse;
  }

  /** The address of `bytes` new bytes. @throws UnsupportedError MEMORY when 4 GiB are not enough */
  allocate(bytes: number): number {
    return this.#places.allocate(bytes);
  }

  /** Gives an allocation back. */
  release(address: number, bytes: number): void {
    this.#places.release(address, bytes);
  }

  /** The working area, at least this large; its contents do not outlive a call. */
  scratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      const { address, bytes: old } = this.#scratch;
      this.#scratch = { address: 0, bytes: 0 };
      if (old > 0) this.release(address, old);
      this.#scratch = { address: this.allocate(bytes), bytes };
    }
    return this.#scratch.address;
  }

  #grow(bytes: number): void {
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    const have = this.memory.buffer.byteLength / pageBytes;
    if (have + missing > mostPages)
      throw new UnsupportedError(
        "MEMORY",
        `a call needs ${Math.ceil(bytes / 1048576)} MiB; a store holds at most 4096`,
        { hint: "use a smaller batch or shorter sequences" },
      );
    const ahead = Math.min(mostPages - have, Math.max(missing, Math.ceil(have / 4)));
    try {
      this.memory.grow(ahead);
    } catch (cause) {
      throw new UnsupportedError(
        "MEMORY",
        `the system refused ${Math.ceil((ahead * pageBytes) / 1048576)} MiB of memory`,
        { hint: "use a smaller batch or shorter sequences", cause },
      );
    }
  }

  /** Copies an array to an address. */
  write(address: number, value: NDArray): void {
    const { views } = this;
    if (value.data instanceof Float32Array) views.float32.set(value.data, address / 4);
    else if (value.data instanceof Float64Array) views.float64.set(value.data, address / 8);
    else views.int32.set(value.data, address / 4);
  }

  /** A copy of the array at an address, in `data` where that is given. */
  read(address: number, dtype: DType, shape: readonly number[], data?: DataOf[DType]): NDArray {
    const length = elementCount(shape);
    const { float32, float64, int32 } = this.views;
    const words = dtype === "float32" ? float32 : dtype === "float64" ? float64 : int32;
    const first = address / bytesOf[dtype];
    const copy = data ?? allocate(dtype, length);
    // A scalar needs no view, which is a tenth of what a call leaves behind.
    if (length === 1) copy[0] = words[first] ?? NaN;
    else copy.set(words.subarray(first, first + length));
    return new NDArray<DType>(dtype, shape, copy);
  }

  /** @throws ArgumentError SHARED_OWNED when the value of a shared variable is kept elsewhere and cannot move here */
  refuseOwned(variable: Tensor): void {
    const { origin } = variable;
    if (origin.kind !== "shared") return;
    const { holder } = origin.cell;
    if (holder.owner === undefined) return;
    if (holder instanceof StoreHolder && holder.store === this) return;
    throw new ArgumentError(
      "SHARED_OWNED",
      `${describe(variable)} already belongs to ${holder.owner}`,
      {
        notes: [`made at ${variable.site.toString()}`],
        hint: "functions that share a variable share a store: give each the same, or dispose() of those of the other; a trainer gives its variables back by close()",
      },
    );
  }

  /** The address of a shared variable, which moves into this store if it is not there yet, and stays until as many have abandoned it. */
  adopt(cell: SharedCell): number {
    const { holder } = cell;
    if (holder instanceof StoreHolder && holder.store === this) {
      holder.users++;
      return holder.address;
    }
    const value = holder.read();
    const address = this.allocate(value.data.length * bytesOf[value.dtype]);
    this.write(address, value);
    cell.holder = new StoreHolder(this, address, value.dtype, value.shape);
    return address;
  }

  /** Undoes one `adopt`: after the last the value is in host memory, and may move to another store or a trainer. */
  abandon(cell: SharedCell): void {
    const { holder } = cell;
    if (!(holder instanceof StoreHolder) || holder.store !== this || --holder.users > 0) return;
    const value = holder.read();
    cell.holder = new HostHolder(value);
    this.release(holder.address, value.data.length * bytesOf[value.dtype]);
  }
}

/** The value of a shared variable in a store. */
class StoreHolder implements SharedHolder {
  readonly store: Store;
  readonly address: number;
  readonly owner = "another store";
  /** Functions that run on it. */
  users = 1;
  readonly #dtype: DType;
  readonly #shape: readonly number[];

  constructor(store: Store, address: number, dtype: DType, shape: readonly number[]) {
    this.store = store;
    this.address = address;
    this.#dtype = dtype;
    this.#shape = shape;
  }
  read(): NDArray {
    return this.store.read(this.address, this.#dtype, this.#shape);
  }
  write(value: NDArray): void {
    this.store.write(this.address, value);
  }
}

let shared: Store | undefined;
/** The store that `compile` uses when none is given. */
export function defaultStore(): Store {
  return (shared ??= new Store());
}
