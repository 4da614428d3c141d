/**
 * Everything a thread needs besides the module to run a compiled function: plain data that can be sent to a worker.
 * Sizes are kept as polynomials; `Executable` evaluates them for each new set of sizes.
 */
import type { FrameLayout } from "../backend/wasm/frame.ts";
import type { DType } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Lowered } from "../lower/lower.ts";
import type { Buffer, ScalarType } from "../loop-ir/types.ts";
import type { Size } from "../size/size.ts";
import type { PlanBudget } from "./budget.ts";

/** A place for one array; `buffer` is its number in the frame. */
export interface PlanArray {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Size[];
  readonly buffer: number;
}
export interface PlanShared {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements. */
  readonly length: number;
  readonly buffer: number;
}
/** Buffers that share memory: as large as the largest of them is in a call. */
export interface PlanSlot {
  readonly buffers: readonly { readonly buffer: number; readonly bytes: Size }[];
}

/** How a program is run, whatever renders it. */
export interface ProgramPlan {
  readonly name: string;
  readonly inputs: readonly PlanArray[];
  readonly outputs: readonly PlanArray[];
  readonly shared: readonly PlanShared[];
  readonly slots: readonly PlanSlot[];
  readonly constants: readonly {
    readonly buffer: number;
    readonly data: Float32Array | Float64Array | Int32Array;
  }[];
  readonly budget: PlanBudget;
  /** The sizes that the frame holds, in order. */
  readonly sizes: readonly Size[];
  /** Messages of status codes 1, 2, ... */
  readonly failures: Lowered["failures"];
  readonly events: Lowered["events"];
}

/** How a module of WebAssembly is run: its frame tells it where things are. */
export interface ExecutablePlan extends ProgramPlan {
  readonly frame: FrameLayout;
}

/** Bytes of one element in the memory of a module; bool is stored as a 32-bit 0 or 1. */
export const bytesOf: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  bool: 4,
};
const scalarBytes: Readonly<Record<ScalarType, number>> = { f32: 4, f64: 8, i32: 4, bool: 4 };

export function planOf(
  lowered: Lowered,
  inputs: readonly (readonly [string, Tensor])[],
  outputs: readonly (readonly [string, Tensor])[],
  budget: PlanBudget,
  scale: (size: Size, factor: number) => Size,
): ProgramPlan {
  const arrays = (
    named: readonly (readonly [string, Tensor])[],
    buffers: readonly Buffer[],
  ): PlanArray[] =>
    named.flatMap(([name, tensor], i) => {
      const buffer = buffers[i];
      return buffer === undefined
        ? []
        : [{ name, dtype: tensor.dtype, shape: tensor.shape, buffer: buffer.id }];
    });
  return {
    name: lowered.program.name,
    inputs: arrays(inputs, lowered.inputs),
    outputs: arrays(outputs, lowered.outputs),
    shared: lowered.shared.map(({ tensor, buffer }) => {
      const shape = tensor.shape.map((size) => size.constant ?? 0);
      return {
        name: buffer.name,
        dtype: tensor.dtype,
        shape,
        length: shape.reduce((n, d) => n * d, 1),
        buffer: buffer.id,
      };
    }),
    slots: lowered.slots.map((slot) => ({
      buffers: slot.tenants.map((b) => ({
        buffer: b.id,
        bytes: scale(b.size, scalarBytes[b.type]),
      })),
    })),
    constants: lowered.program.buffers.flatMap((b) =>
      b.role === "constant" && b.data !== undefined ? [{ buffer: b.id, data: b.data }] : [],
    ),
    budget,
    sizes: lowered.program.sizes,
    failures: lowered.failures,
    events: lowered.events,
  };
}
