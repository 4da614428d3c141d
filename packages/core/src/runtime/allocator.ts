/** Gives out pieces of one long memory, and takes them back. Knows addresses only, not what lies there. */
export class Allocator {
  readonly #alignment: number;
  readonly #grow: (end: number) => void;
  #end: number;
  readonly #free: { readonly address: number; readonly bytes: number }[] = [];

  /** `first` is the first address that is given out; `grow` makes the memory at least so long, or throws. */
  constructor(alignment: number, first: number, grow: (end: number) => void) {
    this.#alignment = alignment;
    this.#end = first;
    this.#grow = grow;
  }

  /** The end of what is given out. */
  get end(): number {
    return this.#end;
  }

  get bytesInUse(): number {
    return this.#end - this.#free.reduce((sum, hole) => sum + hole.bytes, 0);
  }

  /** The bytes that a piece takes: a multiple of the alignment, and never none. */
  sizeOf(bytes: number): number {
    return Math.max(1, Math.ceil(bytes / this.#alignment)) * this.#alignment;
  }

  /** The address of `bytes` new bytes. @throws what `grow` throws */
  allocate(bytes: number): number {
    const size = this.sizeOf(bytes);
    const hole = this.#free.findIndex((h) => h.bytes >= size);
    const found = this.#free[hole];
    if (found !== undefined) {
      this.#free.splice(hole, 1);
      if (found.bytes > size)
        this.#free.push({ address: found.address + size, bytes: found.bytes - size });
      return found.address;
    }
    const address = this.#end;
    this.#grow(address + size);
    this.#end = address + size;
    return address;
  }

  /** Gives an allocation back. */
  release(address: number, bytes: number): void {
    let hole = { address, bytes: this.sizeOf(bytes) };
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const other = this.#free[i];
      if (
        other === undefined ||
        (other.address + other.bytes !== hole.address &&
          hole.address + hole.bytes !== other.address)
      )
        continue;
      this.#free.splice(i, 1);
      hole = { address: Math.min(hole.address, other.address), bytes: hole.bytes + other.bytes };
    }
    if (hole.address + hole.bytes === this.#end) this.#end = hole.address;
    else this.#free.push(hole);
  }
}
