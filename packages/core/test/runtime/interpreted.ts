/** Runs a build on the loop interpreter, which defines what every backend must compute, bit for bit. */
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import type { NDArray } from "../../src/graph/ndarray.ts";
import { bindSizes } from "../../src/graph/evaluate.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Buffer } from "../../src/loop-ir/types.ts";
import { commitEntry, runEntry } from "../../src/lower/entries.ts";
import type { Build } from "../../src/runtime/build.ts";
import { evaluateSize } from "../../src/size/size.ts";

type Words = Float32Array | Float64Array | Int32Array;

/** Results and new values of shared variables, by name. */
export interface Interpreted {
  readonly outputs: ReadonlyMap<string, Words>;
  readonly shared: ReadonlyMap<string, Words>;
}

export function runInterpreted(
  built: Build,
  inputs: readonly (readonly [string, Tensor])[],
  values: readonly NDArray[],
): Interpreted {
  const sizes = new Map<string, number>();
  for (const [i, [, tensor]] of inputs.entries()) {
    const value = values[i];
    if (value !== undefined) bindSizes(tensor, value, sizes, new Map());
  }
  const { program, plan } = built;
  const bufferAt = (id: number): Buffer => program.buffers[id] ?? fail(`no buffer ${id}`);
  const words = (data: NDArray["data"]): Words =>
    data instanceof Uint8Array ? Int32Array.from(data) : data.slice();
  const buffers = new Map<Buffer, Words>();
  for (const [i, input] of plan.inputs.entries())
    buffers.set(bufferAt(input.buffer), words(values[i]?.data ?? fail(`no value ${i}`)));
  for (const [i, variable] of plan.shared.entries()) {
    const origin = built.shared[i]?.origin;
    if (origin?.kind === "shared")
      buffers.set(bufferAt(variable.buffer), words(origin.cell.holder.read().data));
  }
  for (const output of plan.outputs) {
    const buffer = bufferAt(output.buffer);
    const length = evaluateSize(buffer.size, sizes);
    buffers.set(
      buffer,
      buffer.type === "f64"
        ? new Float64Array(length)
        : buffer.type === "f32"
          ? new Float32Array(length)
          : new Int32Array(length),
    );
  }
  for (const { buffer, data } of plan.constants) buffers.set(bufferAt(buffer), data);
  for (const buffer of program.buffers) {
    if (buffer.role !== "temporary") continue;
    const length = evaluateSize(buffer.size, sizes);
    buffers.set(
      buffer,
      buffer.type === "f64"
        ? new Float64Array(length).fill(NaN)
        : buffer.type === "f32"
          ? new Float32Array(length).fill(NaN)
          : new Int32Array(length),
    );
  }
  const given = new Map(
    program.sizes.map((size) => [size.key, evaluateSize(size, sizes)] as const),
  );
  for (const entry of [runEntry, commitEntry]) {
    const status = interpret(program, { sizes: given, buffers }, entry);
    if (status !== 0) fail(plan.failures[status - 1]?.message ?? `failure ${status}`);
  }
  const named = (
    places: readonly { readonly name: string; readonly buffer: number }[],
  ): Map<string, Words> =>
    new Map(places.map((p) => [p.name, buffers.get(bufferAt(p.buffer)) ?? fail(p.name)]));
  return { outputs: named(plan.outputs), shared: named(plan.shared) };
}

function fail(message: string): never {
  throw new Error(message);
}
