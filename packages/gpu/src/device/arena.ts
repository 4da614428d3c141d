/** One buffer in which everything lies that kernels work on, so that any of it can be bound together. */
import { Allocator } from "@scan-train/core/backend-kit";
import { tooLarge } from "./gpu-errors.ts";

/** Storage bindings begin at multiples of this. */
const alignment = 256;

export class Arena {
  readonly #device: GPUDevice;
  readonly #places: Allocator;
  #buffer: GPUBuffer | undefined;
  /** Changes whenever the buffer is another one. */
  generation = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#places = new Allocator(alignment, 0, (end) => this.#grow(end));
  }

  get buffer(): GPUBuffer {
    return (this.#buffer ??= this.#make(1 << 16));
  }

  get bytes(): number {
    return this.buffer.size;
  }

  allocate(bytes: number): number {
    return this.#places.allocate(bytes);
  }
  release(address: number, bytes: number): void {
    this.#places.release(address, bytes);
  }

  write(address: number, data: ArrayBufferView<ArrayBuffer>): void {
    if (data.byteLength > 0) this.#device.queue.writeBuffer(this.buffer, address, data);
  }

  #make(bytes: number): GPUBuffer {
    this.generation++;
    const { STORAGE, COPY_SRC, COPY_DST } = bufferUsage;
    return this.#device.createBuffer({
      label: "scan-train memory",
      size: bytes,
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
  }

  /** Everything moves to a longer buffer, after the calls so far. @throws UnsupportedError GPU_LIMIT */
  #grow(end: number): void {
    const old = this.#buffer;
    if (end <= (old?.size ?? 0)) return;
    const most = this.#device.limits.maxBufferSize;
    if (end > most) throw tooLarge("what is computed", end, most);
    const wanted = Math.max(end, Math.ceil((old?.size ?? 0) * 1.25), 1 << 16);
    const next = this.#make(Math.min(most, Math.ceil(wanted / alignment) * alignment));
    if (old !== undefined) {
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(old, 0, next, 0, old.size);
      this.#device.queue.submit([encoder.finish()]);
      old.destroy();
    }
    this.#buffer = next;
  }

  destroy(): void {
    this.#buffer?.destroy();
  }
}

/** The numbers of GPUBufferUsage, which Node does not have as a global. */
export const bufferUsage = {
  MAP_READ: 0x1,
  COPY_SRC: 0x4,
  COPY_DST: 0x8,
  UNIFORM: 0x40,
  STORAGE: 0x80,
} as const;
