/** Buffers through which results come back; a few are kept, so that a call need not wait for the one before. */
import { bufferUsage } from "./arena.ts";

const kept = 3;

export class StagingRing {
  readonly #device: GPUDevice;
  readonly #free: GPUBuffer[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A buffer of at least so many bytes, to be copied into and then given to `read`. */
  take(bytes: number): GPUBuffer {
    const at = this.#free.findIndex((buffer) => buffer.size >= bytes);
    const [found] = at < 0 ? [] : this.#free.splice(at, 1);
    if (found !== undefined) return found;
    let size = 256;
    while (size < bytes) size *= 2;
    size = Math.min(size, Math.max(bytes, this.#device.limits.maxBufferSize));
    const usage = bufferUsage.MAP_READ | bufferUsage.COPY_DST;
    return this.#device.createBuffer({ label: "scan-train results", size, usage });
  }

  /** The first bytes of the buffer once its copies are made; takes it back. */
  async read(buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> {
    await buffer.mapAsync(1, 0, bytes);
    const copy = buffer.getMappedRange(0, bytes).slice(0);
    buffer.unmap();
    if (this.#free.length < kept) this.#free.push(buffer);
    else {
      const smallest = this.#free.reduce((a, b) => (b.size < a.size ? b : a));
      if (smallest.size < buffer.size) {
        this.#free.splice(this.#free.indexOf(smallest), 1, buffer);
        smallest.destroy();
      } else buffer.destroy();
    }
    return copy;
  }
}
