/** A program on the GPU: compiled once, laid out once for each set of sizes, encoded and submitted once per call. */
import {
  InternalError,
  type DeviceCall,
  type DeviceData,
  type DeviceExecutable,
  type DeviceProgram,
  type DeviceResult,
  type SizeEnvironment,
} from "@scan-train/core/backend-kit";
import { GpuArray, readBack, viewOf } from "../device/gpu-array.ts";
import type { GpuSession, ReadyKernel } from "../device/session.ts";
import { renderProgram, type RenderedProgram } from "../render-wgsl.ts";
import { encodeSteps } from "./encode.ts";
import { explainProgram, type CallReport } from "./explain.ts";
import { callBytes, layOut, scratchBytes, type CallLayout } from "./layout.ts";

/** Layouts that are kept: batches of many lengths come again and again. */
const mostLayouts = 64;

/** Who has the session, which changes when a lost device is opened again. */
export interface SessionOwner {
  readonly session: GpuSession;
  forget(executable: GpuExecutable): void;
}

/** What a program has in one session. */
interface Prepared {
  readonly session: GpuSession;
  readonly rendered: RenderedProgram;
  readonly kernels: readonly ReadyKernel[];
  readonly constants: ReadonlyMap<number, { readonly address: number; readonly bytes: number }>;
  readonly layouts: Map<string, CallLayout>;
  /** A working area of its own, where what was computed must stay until it is kept. */
  own: { readonly address: number; readonly bytes: number } | undefined;
}

export class GpuExecutable implements DeviceExecutable {
  readonly #owner: SessionOwner;
  readonly #program: DeviceProgram;
  #prepared: Prepared | undefined;
  #report: CallReport | undefined;

  constructor(owner: SessionOwner, program: DeviceProgram) {
    this.#owner = owner;
    this.#program = program;
  }

  /**
   * Compiles for a session.
   * @throws UnsupportedError GPU_TYPE, GPU_HOST, GPU_BRANCH, GPU_REFUSED, GPU_LIMIT, GPU_LOST
   */
  async prepare(session: GpuSession): Promise<void> {
    const { program, plan, entries } = this.#program;
    const atOnce = !this.#program.keepsScratch;
    const rendered = renderProgram(program, session.traits, { ...entries, atOnce });
    const kernels = await Promise.all(rendered.kernels.map((kernel) => session.ready(kernel)));
    const constants = new Map(
      plan.constants.map(({ buffer, data }) => {
        const bytes = Math.max(4, data.byteLength);
        const address = session.arena.allocate(bytes);
        if (data instanceof Float64Array) throw new InternalError("a constant of float64");
        session.arena.write(address, viewOf(data));
        return [buffer, { address, bytes }] as const;
      }),
    );
    this.#prepared = { session, rendered, kernels, constants, layouts: new Map(), own: undefined };
  }

  scratchBytes(sizes: SizeEnvironment): number {
    return scratchBytes(this.#program.plan, sizes);
  }

  explain(): string {
    const { rendered, session } = this.#required();
    return explainProgram(session, rendered, this.#program.entries, this.#report);
  }

  async run(call: DeviceCall): Promise<DeviceResult> {
    const began = performance.now();
    const { session } = this.#owner;
    const prepared = this.#required();
    const layout = this.#layoutFor(prepared, call);
    const { device, arena, control } = session;
    const runs = call.entries !== "commit";
    const commits = call.entries !== "run";
    let bytesIn = 0;
    if (runs)
      layout.inputs.forEach(({ address, bytes }, i) => {
        const data = call.inputs[i];
        if (data !== undefined && bytes > 0) arena.write(address, viewOf(data));
        bytesIn += bytes;
      });
    const { plan } = this.#program;
    const canFail = plan.failures.length > 0;
    const results = runs ? layout.outputs : [];
    const bytesOut = results.reduce((sum, { bytes }) => sum + bytes, 0) + (canFail && runs ? 4 : 0);
    const encoder = device.createCommandEncoder();
    // What is only kept has not failed; another call may have since.
    if (canFail) encoder.clearBuffer(control, 0, 4);
    const pass = encoder.beginComputePass();
    if (runs) encodeSteps(pass, prepared.kernels, layout, "run");
    if (commits) encodeSteps(pass, prepared.kernels, layout, "commit");
    pass.end();
    const staging = bytesOut === 0 ? undefined : session.staging.take(bytesOut);
    if (staging !== undefined) {
      let at = 0;
      for (const { address, bytes } of results) {
        if (bytes > 0) encoder.copyBufferToBuffer(arena.buffer, address, staging, at, bytes);
        at += bytes;
      }
      if (canFail) encoder.copyBufferToBuffer(control, 0, staging, at, 4);
    }
    device.queue.submit([encoder.finish()]);
    // Keeping is the second half of the call before.
    const before = runs ? undefined : this.#report;
    this.#report = {
      dispatches:
        (before?.dispatches ?? 0) +
        (runs ? layout.run.count : 0) +
        (commits ? layout.commit.count : 0),
      submits: (before?.submits ?? 0) + 1,
      bytesIn: (before?.bytesIn ?? 0) + bytesIn,
      bytesOut: (before?.bytesOut ?? 0) + bytesOut,
      encodeMilliseconds: (before?.encodeMilliseconds ?? 0) + performance.now() - began,
    };
    if (staging === undefined) {
      await device.queue.onSubmittedWorkDone();
      session.requireOpen();
      return { status: 0, outputs: results.map((_, i) => emptyOf(plan.outputs[i]?.dtype)) };
    }
    const bytes = await readBack(session, staging, bytesOut);
    return this.#resultOf(bytes, results, canFail);
  }

  #resultOf(bytes: ArrayBuffer, results: CallLayout["outputs"], canFail: boolean): DeviceResult {
    let at = 0;
    const outputs = results.map(({ length }, i): DeviceData => {
      const isFloat = this.#program.plan.outputs[i]?.dtype === "float32";
      const begin = at;
      at += 4 * length;
      return isFloat
        ? new Float32Array(bytes, begin, length).slice()
        : new Int32Array(bytes, begin, length).slice();
    });
    const status = canFail ? (new Int32Array(bytes, at, 1)[0] ?? 0) : 0;
    return { status, outputs };
  }

  #required(): Prepared {
    if (this.#prepared === undefined) throw new InternalError("a program that was not prepared");
    return this.#prepared;
  }

  #layoutFor(prepared: Prepared, call: DeviceCall): CallLayout {
    const { session, rendered, kernels, layouts } = prepared;
    const { plan, entries } = this.#program;
    const scratch = this.#scratchFor(prepared, callBytes(plan, rendered, call.sizes));
    const key = [...call.sizes].map(([name, value]) => `${name}=${value}`).join(" ");
    const known = layouts.get(key);
    if (known?.generation === session.arena.generation && known.scratch === scratch) return known;
    known?.destroy();
    layouts.delete(key);
    const fixed = new Map(prepared.constants);
    plan.shared.forEach(({ buffer }, i) => {
      const array = call.shared[i];
      if (!(array instanceof GpuArray)) throw new InternalError("a variable of another device");
      fixed.set(buffer, { address: array.address, bytes: Math.max(4, array.bytes) });
    });
    const layout = layOut({
      session,
      plan,
      rendered,
      kernels,
      entries,
      sizes: call.sizes,
      scratch,
      fixed,
    });
    const [oldest] = layouts.keys();
    if (layouts.size >= mostLayouts && oldest !== undefined) {
      layouts.get(oldest)?.destroy();
      layouts.delete(oldest);
    }
    layouts.set(key, layout);
    return layout;
  }

  #scratchFor(prepared: Prepared, bytes: number): number {
    const { session } = prepared;
    if (!this.#program.keepsScratch) return session.scratch(bytes);
    if (prepared.own === undefined || prepared.own.bytes < bytes) {
      if (prepared.own !== undefined)
        session.arena.release(prepared.own.address, prepared.own.bytes);
      prepared.own = { address: session.arena.allocate(bytes), bytes };
    }
    return prepared.own.address;
  }

  dispose(): void {
    const { session, constants, layouts, own } = this.#required();
    this.#owner.forget(this);
    if (session.isOver) return;
    for (const { address, bytes } of constants.values()) session.arena.release(address, bytes);
    if (own !== undefined) session.arena.release(own.address, own.bytes);
    for (const layout of layouts.values()) layout.destroy();
    layouts.clear();
  }
}

function emptyOf(dtype: string | undefined): DeviceData {
  return dtype === "float32" ? new Float32Array() : new Int32Array();
}
