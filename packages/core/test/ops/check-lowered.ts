// Runs graphs the way compiled functions do: lowered, then interpreted (every access checked) or as WebAssembly.
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import type { DType } from "../../src/graph/dtype.ts";
import { generate, type NDArray } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import type { Buffer } from "../../src/loop-ir/types.ts";
import { runEntry } from "../../src/lower/entries.ts";
import { lower } from "../../src/lower/lower.ts";
import { evaluateSize } from "../../src/size/size.ts";
import { at, sizes } from "./check-op.ts";

type Memory = Float32Array | Float64Array | Int32Array;

function memoryFor(buffer: Buffer, size: number): Memory {
  return buffer.type === "f32"
    ? new Float32Array(size)
    : buffer.type === "f64"
      ? new Float64Array(size)
      : new Int32Array(size);
}

/** The values of `outputs` from the lowered program, and the message of the failure that it recorded, if one. */
export function interpretGraph(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  arrays: readonly NDArray[],
): { readonly values: NDArray[]; readonly failure: string | undefined } {
  const lowered = lower({
    name: "op",
    inputs,
    outputs: outputs.map((tensor, i) => ({ name: `y${i}`, tensor })),
    updates: [],
    panelWidth: { f32: 8, f64: 4 },
  });
  const buffers = new Map<Buffer, Memory>();
  for (const [i, buffer] of lowered.inputs.entries()) {
    const memory = memoryFor(buffer, at(arrays, i).data.length);
    memory.set(at(arrays, i).data);
    buffers.set(buffer, memory);
  }
  const results = lowered.outputs.map((buffer) =>
    memoryFor(buffer, evaluateSize(buffer.size, sizes)),
  );
  for (const [i, buffer] of lowered.outputs.entries()) buffers.set(buffer, at(results, i));
  const code = interpret(lowered.program, { sizes, buffers }, runEntry);
  return {
    values: outputs.map((y, i) =>
      generate<DType>(
        y.dtype,
        y.shape.map((s) => evaluateSize(s, sizes)),
        (k) => at(results, i)[k] ?? 0,
      ),
    ),
    failure: code === 0 ? undefined : at(lowered.failures, code - 1).message,
  };
}
