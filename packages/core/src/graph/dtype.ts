import { DTypeError } from "../errors/errors.ts";

/** The four dtypes and how they mix. bool < int32 < float32 < float64; a JavaScript number never changes a floating dtype. */
export type DType = "float32" | "float64" | "int32" | "bool";

export interface DataOf {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

interface PromoteTable {
  float32: { float32: "float32"; float64: "float64"; int32: "float32"; bool: "float32" };
  float64: { float32: "float64"; float64: "float64"; int32: "float64"; bool: "float64" };
  int32: { float32: "float32"; float64: "float64"; int32: "int32"; bool: "int32" };
  bool: { float32: "float32"; float64: "float64"; int32: "int32"; bool: "bool" };
}
/** The dtype of a result that mixes A and B. */
export type Promote<A extends DType, B extends DType> = PromoteTable[A][B];

const order: readonly DType[] = ["bool", "int32", "float32", "float64"];

export function promote(a: DType, b: DType): DType {
  return order.indexOf(a) >= order.indexOf(b) ? a : b;
}

export function isFloating(dtype: DType): dtype is "float32" | "float64" {
  return dtype === "float32" || dtype === "float64";
}

export function isDType(x: unknown): x is DType {
  return order.some((dtype) => dtype === x);
}

/** @throws DTypeError DTYPE unless `dtype` is one */
export function requireDType(what: string, dtype: unknown): void {
  if (isDType(dtype)) return;
  throw new DTypeError("DTYPE", `${what}: there is no dtype ${JSON.stringify(dtype)}`, {
    hint: `give one of ${order
      .toReversed()
      .map((one) => `"${one}"`)
      .join(", ")}`,
  });
}

/** Zeros of a dtype. */
export function allocate<D extends DType>(dtype: D, size: number): DataOf[D];
export function allocate(dtype: DType, size: number): DataOf[DType] {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "float64":
      return new Float64Array(size);
    case "int32":
      return new Int32Array(size);
    case "bool":
      return new Uint8Array(size);
    default:
      return dtype satisfies never;
  }
}

/** Short names for messages: f32[3, 4]. */
export const shortName: Readonly<Record<DType, string>> = {
  float32: "f32",
  float64: "f64",
  int32: "i32",
  bool: "bool",
};
