/** Where everything lies for given sizes, and the dispatches with their bind groups: made once, used by every call with these sizes. */
import {
  bytesOf,
  evaluateSize,
  InternalError,
  type Buffer,
  type PlanArray,
  type ProgramPlan,
  type SizeEnvironment,
} from "@scan-train/core/backend-kit";
import { bufferUsage } from "../device/arena.ts";
import { tooLarge } from "../device/gpu-errors.ts";
import { uniformBytes, type GpuSession, type ReadyKernel } from "../device/session.ts";
import type { RenderedProgram } from "../render-wgsl.ts";
import { isSize, type WgslBinding } from "../wgsl-kernel.ts";
import { hostSteps, type HostSteps } from "./host-steps.ts";

/** Places of arrays in the arena. */
export interface ArrayPlace {
  readonly address: number;
  readonly bytes: number;
  readonly length: number;
}

export interface CallLayout {
  readonly generation: number;
  readonly scratch: number;
  readonly inputs: readonly ArrayPlace[];
  readonly outputs: readonly ArrayPlace[];
  readonly run: HostSteps;
  readonly commit: HostSteps;
  /** By kernel: what `setBindGroup` gets. */
  readonly buffers: readonly GPUBindGroup[];
  readonly uniforms: readonly (GPUBindGroup | undefined)[];
  readonly destroy: () => void;
}

const alignment = 256;
/** The least that a kernel may bind: one vector. */
const vectorBytes = 16;
const align = (bytes: number): number => Math.max(1, Math.ceil(bytes / alignment)) * alignment;

const slotBytes = (slot: ProgramPlan["slots"][number], sizes: SizeEnvironment): number =>
  align(slot.buffers.reduce((most, { bytes }) => Math.max(most, evaluateSize(bytes, sizes)), 0));

/** Bytes of working memory: temporaries alone. */
export const scratchBytes = ({ slots }: ProgramPlan, sizes: SizeEnvironment): number =>
  slots.reduce((sum, slot) => sum + slotBytes(slot, sizes), 0);

const lengthOf = ({ shape }: PlanArray, sizes: SizeEnvironment): number =>
  shape.reduce((n, size) => n * evaluateSize(size, sizes), 1);

/** Bytes of the buffers that kernels need besides those of the program, which use one place in turn. */
const extraBytes = ({ extra }: RenderedProgram, sizes: SizeEnvironment): number =>
  extra.reduce((most, { size }) => Math.max(most, align(4 * evaluateSize(size, sizes))), 0);

/** Bytes of working memory, inputs and outputs. */
export const callBytes = (
  plan: ProgramPlan,
  rendered: RenderedProgram,
  sizes: SizeEnvironment,
): number =>
  [...plan.inputs, ...plan.outputs].reduce(
    (sum, array) => sum + align(lengthOf(array, sizes) * bytesOf[array.dtype]),
    scratchBytes(plan, sizes) + extraBytes(rendered, sizes),
  );

export interface LayoutRequest {
  readonly session: GpuSession;
  readonly plan: ProgramPlan;
  readonly rendered: RenderedProgram;
  readonly kernels: readonly ReadyKernel[];
  readonly entries: { readonly run: string; readonly commit: string };
  readonly sizes: SizeEnvironment;
  /** The address of the working area. */
  readonly scratch: number;
  /** Places of shared variables and constants, by buffer number. */
  readonly fixed: ReadonlyMap<number, { readonly address: number; readonly bytes: number }>;
}

export function layOut(request: LayoutRequest): CallLayout {
  const { session, plan, rendered, kernels, entries, sizes, scratch, fixed } = request;
  const places = new Map(fixed);
  let next = scratch;
  for (const slot of plan.slots) {
    const bytes = slotBytes(slot, sizes);
    for (const { buffer } of slot.buffers) places.set(buffer, { address: next, bytes });
    next += bytes;
  }
  const arrays = (list: readonly PlanArray[]): ArrayPlace[] =>
    list.map((array) => {
      const length = lengthOf(array, sizes);
      const place = { address: next, bytes: length * bytesOf[array.dtype], length };
      places.set(array.buffer, { address: next, bytes: align(place.bytes) });
      next += align(place.bytes);
      return place;
    });
  const inputs = arrays(plan.inputs);
  const outputs = arrays(plan.outputs);
  for (const { id } of rendered.extra)
    places.set(id, { address: next, bytes: extraBytes(rendered, sizes) });
  // Params as immediates need no room between them.
  const stride = session.traits.immediates ? 16 : alignment / 4;
  const steps = (entry: string): HostSteps =>
    hostSteps(rendered, rendered.entries.get(entry) ?? [], sizes, stride);
  const [run, commit] = [steps(entries.run), steps(entries.commit)];
  const placeOf = (buffer: Buffer): { readonly address: number; readonly bytes: number } => {
    const place = places.get(buffer.id);
    if (place === undefined) throw new InternalError(`buffer "${buffer.name}" has no place`);
    return place;
  };
  const { uniforms, destroy } = makeUniforms(request, run, commit, (b) => placeOf(b).address);
  const buffers = kernels.map(({ kernel, buffers: layout }) =>
    session.device.createBindGroup({
      layout,
      entries: kernel.bindings.map((bound, binding) => ({
        binding,
        resource: resourceOf(session, bound, placeOf),
      })),
    }),
  );
  const { generation } = session.arena;
  return { generation, scratch, inputs, outputs, run, commit, buffers, uniforms, destroy };
}

function resourceOf(
  session: GpuSession,
  { buffer, name }: WgslBinding,
  placeOf: (buffer: Buffer) => { readonly address: number; readonly bytes: number },
): GPUBufferBinding {
  const most = session.device.limits.maxStorageBufferBindingSize;
  if (buffer === "status") return { buffer: session.control, offset: 0, size: 4 };
  if (buffer === "flags") return { buffer: session.control, ...session.flagsRange };
  if (buffer === "memory") {
    if (session.arena.bytes > most) throw tooLarge("what is computed", session.arena.bytes, most);
    return { buffer: session.arena.buffer };
  }
  const { address, bytes } = placeOf(buffer);
  if (bytes > most) throw tooLarge(`"${name}"`, bytes, most);
  // What has no element is bound all the same; its place has room for more.
  return { buffer: session.arena.buffer, offset: address, size: Math.max(vectorBytes, bytes) };
}

/** One buffer with the sizes that each kernel reads, then the params of the dispatches. */
function makeUniforms(
  { session, kernels, sizes }: LayoutRequest,
  run: HostSteps,
  commit: HostSteps,
  addressOf: (buffer: Buffer) => number,
): Pick<CallLayout, "uniforms" | "destroy"> {
  const { device } = session;
  const words: number[] = [];
  const sizesAt = kernels.map(({ kernel }) => {
    const at = 4 * words.length;
    for (const { value } of kernel.uniforms.sizes)
      words.push(isSize(value) ? evaluateSize(value, sizes) : addressOf(value) / 4);
    while (words.length % (alignment / 4) !== 0) words.push(0);
    return at;
  });
  const paramsAt = 4 * words.length;
  const inUniforms = session.traits.immediates ? [] : [run.values, commit.values];
  // Room for one, also where no loop takes a step.
  const reads = kernels.some(({ kernel }) => kernel.uniforms.params.length > 0);
  const room = inUniforms.length > 0 && reads ? alignment : 0;
  const bytes = inUniforms.reduce((sum, values) => sum + values.byteLength, paramsAt + room);
  if (bytes === 0) return { uniforms: kernels.map(() => undefined), destroy: () => undefined };
  const most = device.limits.maxBufferSize;
  if (bytes > most) throw tooLarge("the counters of all steps", bytes, most);
  const usage = bufferUsage.UNIFORM | bufferUsage.COPY_DST;
  const buffer = device.createBuffer({ label: "scan-train sizes", size: bytes, usage });
  if (words.length > 0) device.queue.writeBuffer(buffer, 0, Int32Array.from(words));
  let at = paramsAt;
  for (const values of inUniforms) {
    if (values.byteLength > 0) device.queue.writeBuffer(buffer, at, values);
    at += values.byteLength;
  }
  const uniforms = kernels.map(({ kernel, uniforms: layout }, i) => {
    if (layout === undefined) return undefined;
    const { sizes: fields, params } = kernel.uniforms;
    const entries: GPUBindGroupEntry[] = [];
    if (fields.length > 0)
      entries.push({
        binding: 0,
        resource: { buffer, offset: sizesAt[i] ?? 0, size: uniformBytes(fields) },
      });
    if (params.length > 0 && !kernel.immediates)
      entries.push({
        binding: 1,
        resource: { buffer, offset: paramsAt, size: uniformBytes(params) },
      });
    return device.createBindGroup({ layout, entries });
  });
  return { uniforms, destroy: () => buffer.destroy() };
}
