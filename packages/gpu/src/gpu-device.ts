/** The GPU as core sees it: programs are loaded here, and variables live here. */
import type {
  Device,
  DeviceArray,
  DeviceData,
  DeviceExecutable,
  DeviceProgram,
} from "@scan-train/core/backend-kit";
import { GpuArray, type ArrayOwner } from "./device/gpu-array.ts";
import { closed } from "./device/gpu-errors.ts";
import type { GpuSession } from "./device/session.ts";
import { GpuExecutable, type SessionOwner } from "./executor/gpu-executable.ts";

export class GpuDevice implements Device, ArrayOwner, SessionOwner {
  readonly #open: () => Promise<GpuSession>;
  #session: GpuSession;
  readonly #arrays = new Set<GpuArray>();
  readonly #executables = new Set<GpuExecutable>();
  #reopening: Promise<void> | undefined;
  /** How often it was closed. */
  #closes = 0;

  constructor(session: GpuSession, open: () => Promise<GpuSession>) {
    this.#session = session;
    this.#open = open;
  }

  get label(): string {
    return `the GPU (${this.#session.adapterName})`;
  }

  /** @throws UnsupportedError GPU_LOST, GPU_CLOSED, GPU_REFUSED */
  get session(): GpuSession {
    this.#session.requireOpen();
    return this.#session;
  }

  get latest(): GpuSession {
    return this.#session;
  }

  get isOver(): boolean {
    return this.#session.isOver;
  }

  async load(program: DeviceProgram): Promise<DeviceExecutable> {
    const executable = new GpuExecutable(this, program);
    let { session } = this;
    await executable.prepare(session);
    // Lost and opened again meanwhile.
    while (session !== this.#session) {
      session = this.session;
      await executable.prepare(session);
    }
    this.#executables.add(executable);
    return executable;
  }

  forget(executable: GpuExecutable): void {
    this.#executables.delete(executable);
  }

  allocate(data: DeviceData): DeviceArray {
    const array = new GpuArray(this, data);
    this.#arrays.add(array);
    return array;
  }

  release(array: GpuArray): void {
    this.#arrays.delete(array);
  }

  close(): void {
    this.#closes++;
    this.#session.end(closed());
  }

  /** A device again after a loss: programs are compiled anew, variables have their last known values. */
  reopen(): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(): Promise<void> {
    if (!this.#session.isOver) return;
    const closes = this.#closes;
    const session = await this.#open();
    try {
      for (const executable of this.#executables) await executable.prepare(session);
      if (closes !== this.#closes) throw closed();
      for (const array of this.#arrays) array.place(session);
    } catch (error) {
      session.end(closed());
      throw error;
    }
    // Only now, when all is there: until then calls reject.
    this.#session = session;
  }
}
