/** Sequences as the inputs of a compiled model. */
import { type Tensor, tensor } from "@scan-train/core";
import type { EncodedInput } from "../data/encode.ts";
import type { Encoding } from "../data/encoding.ts";

/** One sequence with its number of steps. */
export interface Sequence {
  readonly values: EncodedInput;
  /** Values per step. */
  readonly features: number;
  readonly length: number;
}

/** What a model reads. */
export type SequenceInputs = { readonly x: Tensor; readonly lengths: Tensor<"int32"> };
export function sequenceOf({ input }: Encoding, values: EncodedInput): Sequence {
  const features = input.kind === "text" ? 1 : input.scale.mean.length;
  return { values, features, length: values.length / features };
}

export function sequenceInputs({ input }: Encoding): SequenceInputs {
  return {
    x:
      input.kind === "text"
        ? tensor("x", { dtype: "int32", shape: ["T", "B"] })
        : tensor("x", { dtype: "float32", shape: ["T", "B", input.scale.mean.length] }),
    lengths: tensor("lengths", { dtype: "int32", shape: ["B"] }),
  };
}

/** Time-major `[T, B, ...]`, with zeros after the end of each sequence. */
export function padded(rows: readonly Sequence[]): {
  x: { data: Int32Array | Float32Array; shape: number[] };
  lengths: { data: Int32Array; shape: number[] };
} {
  const count = rows.length;
  const steps = Math.max(...rows.map(({ length }) => length));
  const features = rows[0]?.features ?? 1;
  const size = steps * count * features;
  const isIds = rows[0]?.values instanceof Int32Array;
  const data = isIds ? new Int32Array(size) : new Float32Array(size);
  for (const [row, { values, length }] of rows.entries()) {
    for (let step = 0; step < length; step += 1) {
      const source = values.subarray(step * features, (step + 1) * features);
      data.set(source, (step * count + row) * features);
    }
  }
  const shape = isIds ? [steps, count] : [steps, count, features];
  const lengths = Int32Array.from(rows, ({ length }) => length);
  return { x: { data, shape }, lengths: { data: lengths, shape: [count] } };
}
