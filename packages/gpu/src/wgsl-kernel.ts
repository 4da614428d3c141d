/** A compute shader and what a host must know to run it. Plain data: nothing here touches a device. */
import type { Buffer, IndexVar, ScalarType, Size } from "@scan-train/core/backend-kit";

export interface WgslKernel {
  readonly name: string;
  /** The text; the entry point is `main`. */
  readonly code: string;
  /** `@group(0)`, in the order of the bindings; all of them `read_write`, because they are parts of one buffer. */
  readonly bindings: readonly WgslBinding[];
  readonly uniforms: WgslUniforms;
  readonly workgroupSize: number;
  /** How many workgroups run, to be laid out by `workgroupCounts`. */
  readonly workgroups: Size;
  /** True where params are immediates and not a uniform. */
  readonly immediates: boolean;
}

/**
 * A buffer of the program; `memory`: all that the program works on, at places that the sizes tell; `status`: the word that holds the code
 * of the first failure (0: none); `flags`: one word per loop that ends by a condition (0: it has ended).
 */
export interface WgslBinding {
  readonly name: string;
  readonly buffer: Buffer | "memory" | "status" | "flags";
  /** bool is stored as i32, 0 or 1. */
  readonly type: ScalarType | "vec4<f32>" | "vec4<i32>" | "u32" | "atomic<u32>";
}

/**
 * `@group(1)`: two structs of i32, in the order of their fields; an empty one is not declared. Sizes (binding 0) hold for a whole call:
 * values of sizes, and in `memory` the element at which a buffer begins. Params (binding 1) are loop counters of the host and change from
 * dispatch to dispatch.
 */
export interface WgslUniforms {
  readonly sizes: readonly { readonly name: string; readonly value: Size | Buffer }[];
  readonly params: readonly { readonly name: string; readonly index: IndexVar }[];
}

/** True for a size, false for a buffer whose place is meant. */
export function isSize(value: Size | Buffer): value is Size {
  return !("role" in value);
}

/** WebGPU runs at most this many workgroups along one axis. */
const longestAxis = 65535;

/** Workgroups along x, y and z for `dispatchWorkgroups`; a few more than asked for where one axis is too short. */
export function workgroupCounts(workgroups: number): readonly [number, number, number] {
  const rows = Math.max(1, Math.ceil(workgroups / longestAxis));
  return [Math.ceil(workgroups / rows), rows, 1];
}
