/** What WebGPU computes with, and a refusal of what it does not. */
import {
  InternalError,
  UnsupportedError,
  type DType,
  type Program,
  type ScalarType,
  type TypeUse,
} from "@scan-train/core/backend-kit";

/** The scalar types that a shader has. */
export type GpuType = Exclude<ScalarType, "f64">;

interface TypeTrait {
  /** In expressions and locals. */
  readonly scalar: string;
  /** In buffers: WGSL cannot share a bool with the host. */
  readonly element: "f32" | "i32";
}

/** By scalar type; undefined where the device has none. */
const types: Readonly<Record<ScalarType, TypeTrait | undefined>> = {
  f32: { scalar: "f32", element: "f32" },
  f64: undefined,
  i32: { scalar: "i32", element: "i32" },
  bool: { scalar: "bool", element: "i32" },
};

export const optimiserRemedy =
  'make the variable float32; an optimiser keeps its scalars so when asked: updates(parameters, gradients, { scalars: "float32" })';
const remedy =
  'build the graph in float32 (dtype: "float32", or cast(x, "float32")), or compile it for the wasm backend';

function has(type: ScalarType): type is GpuType {
  return types[type] !== undefined;
}

/** How WGSL writes a type. @throws INTERNAL for a type that the device lacks */
export function traitOf(type: ScalarType): TypeTrait {
  const trait = types[type];
  if (trait === undefined) throw new InternalError(`WGSL has no ${type}`);
  return trait;
}

/** The type itself. @throws UnsupportedError GPU_TYPE, naming what has it */
export function requireType(type: ScalarType, what: string, hint = remedy): GpuType {
  if (has(type)) return type;
  throw noFloat64(what, hint);
}

export function noFloat64(
  what: string,
  hint = remedy,
  notes: readonly string[] = [],
): UnsupportedError {
  return new UnsupportedError("GPU_TYPE", `${what} is float64, which WebGPU does not have`, {
    hint,
    notes,
  });
}

/** @throws UnsupportedError GPU_TYPE for a type that the device lacks, in the words of the graph */
export function checkType(dtype: DType, use: () => TypeUse): void {
  if (dtype !== "float64") return;
  const { what, made, isVariable } = use();
  throw noFloat64(what, isVariable ? optimiserRemedy : remedy, [`made at ${made}`]);
}

/** @throws UnsupportedError GPU_TYPE for the first buffer of a type that the device lacks */
export function requireBuffers(program: Program): void {
  for (const buffer of program.buffers)
    requireType(
      buffer.type,
      `${program.name}: ${buffer.role} buffer "${buffer.name}"`,
      buffer.role === "shared" ? optimiserRemedy : remedy,
    );
}
