/**
 * What a backend offers whose arrays live on a device of its own, such as a GPU. Only plain data crosses this border: programs of the
 * loop IR, typed arrays and numbers.
 */
import type { DType } from "../graph/dtype.ts";
import type { Program } from "../loop-ir/types.ts";
import type { SizeEnvironment } from "../size/size.ts";
import type { ProgramPlan } from "./executable-plan.ts";

/** Elements as a device takes and gives them; bool as 32-bit 0 or 1. */
export type DeviceData = Float32Array | Int32Array;

/** The value of a shared variable on a device. */
export interface DeviceArray {
  /** Replaces the value, after all calls made so far. */
  write(data: DeviceData): void;
  /** The value after all calls made so far. */
  read(): Promise<DeviceData>;
  release(): void;
}

export interface DeviceCall {
  readonly sizes: SizeEnvironment;
  /** In the order of `plan.inputs`. */
  readonly inputs: readonly DeviceData[];
  /** In the order of `plan.shared`. */
  readonly shared: readonly DeviceArray[];
  /** What runs: all, or new values without keeping them, or keeping what the last call computed. */
  readonly entries: "both" | "run" | "commit";
}

export interface DeviceResult {
  /** 0, or the code of the first failure; then nothing was kept. */
  readonly status: number;
  /** In the order of `plan.outputs`. */
  readonly outputs: readonly DeviceData[];
}

/** A program on a device. Calls run in the order in which they are made. */
export interface DeviceExecutable {
  run(call: DeviceCall): Promise<DeviceResult>;
  /** Bytes of working memory for these sizes. */
  scratchBytes(sizes: SizeEnvironment): number;
  /** How it runs: dispatches, submits, bytes moved, shaders. */
  explain(): string;
  dispose(): void;
}

export interface DeviceProgram {
  /** Legalised. */
  readonly program: Program;
  readonly plan: ProgramPlan;
  /** The functions that compute everything and that write the new values of shared variables. */
  readonly entries: { readonly run: string; readonly commit: string };
  /** What the last call computed must be there until it is kept, whatever else runs meanwhile. */
  readonly keepsScratch: boolean;
}

/** What has a type, in the words of who wrote the graph. */
export interface TypeUse {
  /** For messages: `train: output "y"`. */
  readonly what: string;
  /** Where it was made. */
  readonly made: string;
  readonly isVariable: boolean;
}

export interface Device {
  /** For messages, e.g. "the GPU (google swiftshader)". */
  readonly label: string;
  /** @throws UnsupportedError for a type that the device does not compute with; `use` is asked for then only */
  checkType?(dtype: DType, use: () => TypeUse): void;
  /** @throws UnsupportedError for what the device lacks */
  load(program: DeviceProgram): Promise<DeviceExecutable>;
  allocate(data: DeviceData): DeviceArray;
}
