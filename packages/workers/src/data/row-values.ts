/** One value of one row, checked and written into a column. */
import { ArgumentError, type DataOf, type DType } from "@scan-train/core";

/** A column's elements; bool as bytes. */
export type ColumnArray = DataOf[DType];

/** Zeros in memory that threads share, where there is such memory. */
export function sharedBytes(bytes: number): ArrayBufferLike {
  return typeof SharedArrayBuffer === "undefined"
    ? new ArrayBuffer(bytes)
    : new SharedArrayBuffer(bytes);
}

/** Zeros of a dtype in memory that threads share. */
export function columnArray(dtype: DType, length: number): ColumnArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(sharedBytes(length * 4));
    case "float64":
      return new Float64Array(sharedBytes(length * 8));
    case "int32":
      return new Int32Array(sharedBytes(length * 4));
    case "bool":
      return new Uint8Array(sharedBytes(length));
    default:
      return dtype satisfies never;
  }
}

function isNumbers(value: unknown): value is Float32Array | Float64Array | Int32Array | Uint8Array {
  return (
    value instanceof Float32Array ||
    value instanceof Float64Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array
  );
}

/** Time steps of a ragged value. @throws ArgumentError DATASET_ROW */
export function valueLength(value: unknown, inner: number, label: () => string): number {
  const length = isNumbers(value)
    ? value.length / inner
    : Array.isArray(value)
      ? value.length
      : undefined;
  if (length === undefined)
    throw new ArgumentError("DATASET_ROW", `${label()} is ${describe(value)}, not a sequence`, {
      hint: "give an array with one entry per time step, or a typed array",
    });
  if (!Number.isInteger(length))
    throw new ArgumentError(
      "DATASET_ROW",
      `${label()} has ${isNumbers(value) ? value.length : 0} numbers, which is no multiple of ${inner}`,
      { hint: `each time step has ${inner} numbers` },
    );
  if (length === 0)
    throw new ArgumentError("DATASET_ROW", `${label()} is an empty sequence`, {
      hint: "leave such rows out: there is nothing to learn from them",
    });
  return length;
}

/** Writes a value of `shape` at element `at`. @throws ArgumentError DATASET_ROW */
export function fillValue(
  data: ColumnArray,
  at: number,
  dtype: DType,
  shape: readonly number[],
  value: unknown,
  label: () => string,
): void {
  if (isNumbers(value)) {
    const size = shape.reduce((n, d) => n * d, 1);
    if (value.length !== size) throw wrongShape(shape, `${value.length} numbers`, label);
    for (let i = 0; i < size; i++) data[at + i] = checked(value[i], dtype, label);
    return;
  }
  fillNested(data, at, dtype, shape, 0, value, label);
}

function fillNested(
  data: ColumnArray,
  at: number,
  dtype: DType,
  shape: readonly number[],
  axis: number,
  value: unknown,
  label: () => string,
): number {
  if (axis === shape.length) {
    if (typeof value === "object") throw wrongShape(shape, describe(value), label);
    data[at] = checked(value, dtype, label);
    return at + 1;
  }
  const entries: readonly unknown[] | undefined = Array.isArray(value)
    ? value
    : isNumbers(value)
      ? Array.from(value)
      : undefined;
  if (entries === undefined || entries.length !== shape[axis])
    throw wrongShape(shape, describe(value), label);
  let next = at;
  for (const entry of entries) next = fillNested(data, next, dtype, shape, axis + 1, entry, label);
  return next;
}

function checked(x: unknown, dtype: DType, label: () => string): number {
  const number = typeof x === "boolean" ? Number(x) : x;
  const fits =
    typeof number === "number" &&
    (dtype === "bool"
      ? number === 0 || number === 1
      : dtype !== "int32" || (number | 0) === number);
  if (fits) return number;
  const hints: Readonly<Record<DType, string>> = {
    bool: "give true, false, 0 or 1",
    int32: "give whole numbers, or declare the field as float32",
    float32: "give numbers",
    float64: "give numbers",
  };
  throw new ArgumentError("DATASET_ROW", `${label()} is ${dtype} and cannot hold ${describe(x)}`, {
    hint: hints[dtype],
  });
}

function wrongShape(shape: readonly number[], came: string, label: () => string): ArgumentError {
  const expected = shape.length === 0 ? "one number" : `shape [${shape.join(", ")}]`;
  return new ArgumentError("DATASET_ROW", `${label()} must have ${expected}, here is ${came}`);
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isNumbers(value)) return `a ${value.constructor.name} of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
