/** A compute shader and what a host must know to run it. Plain data: nothing here touches a device. */
import type {
  Buffer,
  IndexVar,
  LoopFunction,
  ScalarType,
  Size,
  Statement,
} from "@scan-train/core/backend-kit";

export interface WgslKernel {
  readonly name: string;
  /** What it runs: a function of the program, or the statement of a function whose loops the host runs. */
  readonly source: LoopFunction | Statement;
  /** The text; the entry point is `main`. */
  readonly code: string;
  /** `@group(0)`, in the order of the bindings. */
  readonly bindings: readonly WgslBinding[];
  readonly uniforms: WgslUniforms;
  readonly workgroupSize: readonly [number, number, number];
  /** How many workgroups run, to be laid out by `workgroupCounts`. */
  readonly dispatch: { readonly invocations: Size; readonly workgroups: Size };
}

/** A buffer of the program, or the word that holds the code of the first failure (0: none). */
export interface WgslBinding {
  readonly name: string;
  readonly buffer: Buffer | "status";
  /** bool is stored as i32, 0 or 1. */
  readonly type: ScalarType | "atomic<u32>";
  readonly access: "read" | "read_write";
}

/**
 * `@group(1)`: two structs of i32, in the order of their fields; an empty one is not declared. Sizes (binding 0) hold for a whole call,
 * params (binding 1) are the loop counters of the host and change from dispatch to dispatch.
 */
export interface WgslUniforms {
  readonly sizes: readonly { readonly name: string; readonly size: Size }[];
  readonly params: readonly { readonly name: string; readonly index: IndexVar }[];
}

/** WebGPU runs at most this many workgroups along one axis. */
const longestAxis = 65535;

/** Workgroups along x, y and z for `dispatchWorkgroups`; a few more than asked for where one axis is too short. */
export function workgroupCounts(workgroups: number): readonly [number, number, number] {
  const rows = Math.max(1, Math.ceil(workgroups / longestAxis));
  return [Math.ceil(workgroups / rows), rows, 1];
}
