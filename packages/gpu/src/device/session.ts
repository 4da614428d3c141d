/** An open device with everything that lives and dies with it. */
import type { KernelTraits } from "../kernel-traits.ts";
import type { WgslKernel } from "../wgsl-kernel.ts";
import { Arena, bufferUsage } from "./arena.ts";
import { traitsOf, type FoundAdapter } from "./find-adapter.ts";
import { lost, noDevice, outOfMemory, reasonOf, refused } from "./gpu-errors.ts";
import { StagingRing } from "./staging.ts";

/** A kernel that is ready to run, and the layouts that its bind groups have. */
export interface ReadyKernel {
  readonly kernel: WgslKernel;
  readonly pipeline: GPUComputePipeline;
  readonly buffers: GPUBindGroupLayout;
  readonly uniforms: GPUBindGroupLayout | undefined;
}

/** Bytes of a struct of the kernel's uniforms. */
export const uniformBytes = (fields: readonly unknown[]): number => 4 * fields.length;

/** The first word of control: the status; flags begin at the second part. */
const flagsAt = 256;

export class GpuSession {
  readonly device: GPUDevice;
  readonly adapterName: string;
  readonly traits: KernelTraits;
  readonly arena: Arena;
  readonly staging: StagingRing;
  readonly control: GPUBuffer;
  readonly #kernels = new Map<string, Promise<Omit<ReadyKernel, "kernel">>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  #scratch = { address: 0, bytes: 0 };
  /** Why it is over, once it is. */
  #over: Error | undefined;
  #fault: Error | undefined;

  private constructor(device: GPUDevice, found: FoundAdapter, traits: KernelTraits) {
    this.device = device;
    this.adapterName = found.name;
    this.traits = traits;
    this.arena = new Arena(device);
    this.staging = new StagingRing(device);
    const { STORAGE, COPY_SRC, COPY_DST } = bufferUsage;
    this.control = device.createBuffer({
      label: "scan-train control",
      size: 1 << 16,
      usage: STORAGE | COPY_SRC | COPY_DST,
    });
    void device.lost.then(({ message, reason }) => {
      this.#over ??= lost(message === "" ? reason : message);
    });
    device.addEventListener("uncapturederror", ({ error }) => {
      // Node has no global by that name.
      if (error.constructor.name === "GPUOutOfMemoryError") this.end(outOfMemory());
      else this.#fault ??= refused("a call", error.message);
    });
  }

  /** @throws UnsupportedError GPU_NO_ADAPTER when the adapter gives no device */
  static async open(
    found: FoundAdapter,
    options: {
      readonly kernels: Parameters<typeof traitsOf>[1];
      readonly immediates: Parameters<typeof traitsOf>[2];
    },
  ): Promise<GpuSession> {
    const traits = traitsOf(found, options.kernels, options.immediates);
    const { limits } = found.adapter;
    const requiredLimits: Record<string, number> = {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: traits.mostBindings,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    };
    if (traits.immediates) requiredLimits["maxImmediateSize"] = 64;
    try {
      return new GpuSession(await found.adapter.requestDevice({ requiredLimits }), found, traits);
    } catch (cause) {
      throw noDevice(found.name, reasonOf(cause));
    }
  }

  /** @throws UnsupportedError GPU_LOST, GPU_CLOSED, GPU_REFUSED */
  requireOpen(): void {
    const fault = this.#over ?? this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw fault;
  }

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  end(why: Error): void {
    this.#over ??= why;
    this.device.destroy();
  }

  /** The working area that all calls share, one after the other. */
  scratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      const { address, bytes: old } = this.#scratch;
      this.#scratch = { address: 0, bytes: 0 };
      if (old > 0) this.arena.release(address, old);
      this.#scratch = { address: this.arena.allocate(bytes), bytes };
    }
    return this.#scratch.address;
  }

  get flagsRange(): { readonly offset: number; readonly size: number } {
    return { offset: flagsAt, size: this.control.size - flagsAt };
  }

  /** The kernel, compiled once for each text. @throws UnsupportedError GPU_REFUSED */
  async ready(kernel: WgslKernel): Promise<ReadyKernel> {
    const known = this.#kernels.get(kernel.code) ?? this.#compile(kernel);
    this.#kernels.set(kernel.code, known);
    return { kernel, ...(await known) };
  }

  async #compile(kernel: WgslKernel): Promise<Omit<ReadyKernel, "kernel">> {
    const { device } = this;
    const { bindings, uniforms, immediates } = kernel;
    const buffers = this.#layout(bindings.map(() => ({ type: "storage" as const })));
    const entries: (GPUBufferBindingLayout | undefined)[] = [
      uniforms.sizes.length === 0
        ? undefined
        : { type: "uniform", minBindingSize: uniformBytes(uniforms.sizes) },
      uniforms.params.length === 0 || immediates
        ? undefined
        : {
            type: "uniform",
            hasDynamicOffset: true,
            minBindingSize: uniformBytes(uniforms.params),
          },
    ];
    const hasUniforms = entries.some((entry) => entry !== undefined);
    const second = hasUniforms ? this.#layout(entries) : undefined;
    const layout: GPUPipelineLayoutDescriptor & { readonly immediateSize?: number } = {
      bindGroupLayouts: second === undefined ? [buffers] : [buffers, second],
      ...(immediates ? { immediateSize: uniformBytes(uniforms.params) } : {}),
    };
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: kernel.name, code: kernel.code });
    const made = device.createComputePipelineAsync({
      label: kernel.name,
      layout: device.createPipelineLayout(layout),
      compute: { module, entryPoint: "main" },
    });
    const scope = device.popErrorScope();
    try {
      const pipeline = await made;
      await scope;
      return { pipeline, buffers, uniforms: second };
    } catch (cause) {
      this.requireOpen();
      const error = await scope;
      const { messages } = await module.getCompilationInfo();
      const told = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`);
      const notes = [error?.message ?? reasonOf(cause), ...told].join("\n");
      throw refused(`kernel ${kernel.name}`, notes);
    }
  }

  /** Layouts are equal where they say the same, so that few are made. */
  #layout(entries: readonly (GPUBufferBindingLayout | undefined)[]): GPUBindGroupLayout {
    const key = JSON.stringify(entries);
    const known = this.#layouts.get(key);
    if (known !== undefined) return known;
    const layout = this.device.createBindGroupLayout({
      entries: entries.flatMap((buffer, binding) =>
        buffer === undefined ? [] : [{ binding, visibility: 4, buffer }],
      ),
    });
    this.#layouts.set(key, layout);
    return layout;
  }
}
