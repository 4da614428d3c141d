/** Shared variables on the GPU, and bytes that come back. */
import type { DeviceArray, DeviceData } from "@scan-train/core/backend-kit";
import type { GpuSession } from "./session.ts";

/** Who has the session, which changes when a lost device is opened again. */
export interface ArrayOwner {
  /** @throws UnsupportedError where it is over, or was asked for what it does not do */
  readonly session: GpuSession;
  /** The same, whatever has become of it. */
  readonly latest: GpuSession;
  readonly isOver: boolean;
  release(array: GpuArray): void;
}

/** A shared variable's value in the arena. */
export class GpuArray implements DeviceArray {
  readonly #owner: ArrayOwner;
  /** What was last written or read. */
  #known: DeviceData;
  /** How often it was written. */
  #writes = 0;
  #address = 0;

  constructor(owner: ArrayOwner, data: DeviceData) {
    this.#owner = owner;
    this.#known = data.slice();
    this.place(owner.session);
  }

  get address(): number {
    return this.#address;
  }
  get bytes(): number {
    return this.#known.byteLength;
  }

  /** Finds it room in a session, and writes the known value there. */
  place({ arena }: GpuSession): void {
    this.#address = arena.allocate(this.bytes);
    arena.write(this.#address, viewOf(this.#known));
  }

  /** Where the device is lost the value waits for another one. */
  write(data: DeviceData): void {
    this.#known = data.slice();
    this.#writes++;
    const { latest, isOver } = this.#owner;
    if (!isOver) latest.arena.write(this.#address, viewOf(this.#known));
  }

  async read(): Promise<DeviceData> {
    const { session } = this.#owner;
    const { bytes } = this;
    if (bytes === 0) return this.#known.slice();
    const staging = session.staging.take(bytes);
    const encoder = session.device.createCommandEncoder();
    encoder.copyBufferToBuffer(session.arena.buffer, this.#address, staging, 0, bytes);
    session.device.queue.submit([encoder.finish()]);
    const writes = this.#writes;
    const copy = await readBack(session, staging, bytes);
    const value =
      this.#known instanceof Float32Array ? new Float32Array(copy) : new Int32Array(copy);
    // What was written meanwhile is newer.
    if (writes === this.#writes) this.#known = value.slice();
    return value;
  }

  release(): void {
    this.#owner.release(this);
    if (!this.#owner.isOver) this.#owner.latest.arena.release(this.#address, this.bytes);
  }
}

/** WebGPU takes views of memory that is not shared. */
export function viewOf(data: DeviceData): ArrayBufferView<ArrayBuffer> {
  const { buffer } = data;
  if (buffer instanceof ArrayBuffer)
    return new Uint8Array(buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(new Uint8Array(buffer, data.byteOffset, data.byteLength));
}

/**
 * The bytes of a staging buffer.
 * @throws UnsupportedError GPU_LOST, GPU_CLOSED; GPU_REFUSED where the GPU has not done what it was to do before
 */
export async function readBack(
  session: GpuSession,
  staging: GPUBuffer,
  bytes: number,
): Promise<ArrayBuffer> {
  const copy = await session.staging.read(staging, bytes).catch(async (cause: unknown) => {
    await Promise.race([
      session.device.lost,
      new Promise<void>((resolve) => setTimeout(resolve, 50)),
    ]);
    session.requireOpen();
    throw cause;
  });
  session.requireOpen();
  return copy;
}
