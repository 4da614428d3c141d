/** What users give as values, made into arrays: nested numbers, typed arrays with a shape, NDArrays. */
import { ArgumentError, DTypeError } from "../errors/errors.ts";
import { allocate, isFloating, type DataOf, type DType } from "../graph/dtype.ts";
import {
  elementCount,
  flattenNested,
  NDArray,
  nestedShape,
  type Nested,
} from "../graph/ndarray.ts";

/** A typed array together with its shape. */
export interface ShapedData<D extends DType = DType> {
  readonly data: DataOf[D];
  readonly shape: readonly number[];
}
/** What a tensor of dtype D takes as its value. */
export type TensorValue<D extends DType = DType> = NDArray<D> | Nested | ShapedData<D>;

/** What the value is for: how messages call it, its dtype, and its sizes where they are known. */
export interface ValueTarget<D extends DType = DType> {
  readonly label: string;
  readonly dtype: D;
  /** One entry per axis, undefined where any size will do; absent: any shape. */
  readonly sizes?: readonly (number | undefined)[];
}

/**
 * The value as an array of the target's dtype. Numbers are converted; arrays must have the dtype already.
 * @throws DTypeError INPUT_DTYPE; ArgumentError INPUT_VALUE; ShapeError RAGGED, NDARRAY_SIZE
 */
export function toNDArray<D extends DType>(
  target: ValueTarget<D>,
  value: TensorValue<D>,
): NDArray<D> {
  if (value instanceof NDArray) return requireDType(target, value);
  if (isNested(value)) return fromNumbers(target, value);
  const given: unknown = value;
  if (isShapedData(given)) {
    const dtype = dtypeOfData(given.data);
    if (dtype !== undefined)
      return requireDType(target, new NDArray(dtype, given.shape, given.data));
  }
  throw new ArgumentError("INPUT_VALUE", `${target.label} cannot take ${describeValue(given)}`, {
    hint: "give nested arrays of numbers, a number, { data: typed array, shape }, or an NDArray",
  });
}

function requireDType<D extends DType>(target: ValueTarget<D>, array: NDArray): NDArray<D> {
  if (hasDType(array, target.dtype)) return array;
  throw new DTypeError(
    "INPUT_DTYPE",
    `${target.label} is ${target.dtype}, the array given is ${array.dtype}`,
    {
      hint:
        isFloating(target.dtype) && isFloating(array.dtype)
          ? `convert it yourself (precision may be lost), or declare the input with { dtype: "${array.dtype}" }`
          : `give ${target.dtype} data, or declare the input with { dtype: "${array.dtype}" }`,
    },
  );
}

function hasDType<D extends DType>(array: NDArray, dtype: D): array is NDArray<D> {
  return array.dtype === dtype;
}

function fromNumbers<D extends DType>(target: ValueTarget<D>, value: Nested): NDArray<D> {
  const shape = completeEmpty(nestedShape(value), target.sizes);
  const data = allocate(target.dtype, elementCount(shape));
  let i = 0;
  for (const x of flattenNested(value)) {
    if (!fits(target.dtype, x))
      throw new DTypeError(
        "INPUT_DTYPE",
        `${target.label} is ${target.dtype} and cannot hold ${x}`,
        {
          hint:
            target.dtype === "bool"
              ? "give true, false, 0 or 1"
              : "give integers, or declare the input as float32",
        },
      );
    data[i++] = x;
  }
  return new NDArray(target.dtype, shape, data);
}

/** An empty list says nothing about the axes after it: they take the sizes that are known. */
function completeEmpty(
  shape: readonly number[],
  sizes: readonly (number | undefined)[] | undefined,
): readonly number[] {
  if (sizes === undefined || shape.at(-1) !== 0 || shape.length >= sizes.length) return shape;
  return [...shape, ...sizes.slice(shape.length).map((size) => size ?? 0)];
}

function fits(dtype: DType, x: number): boolean {
  if (dtype === "bool") return x === 0 || x === 1;
  return dtype !== "int32" || (x | 0) === x;
}

function isNested(value: unknown): value is Nested {
  return (
    typeof value === "number" ||
    typeof value === "boolean" ||
    (Array.isArray(value) && value.every(isNested))
  );
}

function isShapedData(
  value: unknown,
): value is { readonly data: DataOf[DType]; readonly shape: readonly number[] } {
  if (typeof value !== "object" || value === null || !("data" in value) || !("shape" in value))
    return false;
  return (
    ArrayBuffer.isView(value.data) &&
    Array.isArray(value.shape) &&
    value.shape.every((n) => Number.isSafeInteger(n) && n >= 0)
  );
}

/** False for what a JavaScript user may give by position: numbers, lists and arrays. */
export function isRecord(values: unknown): values is Readonly<Record<string, unknown>> {
  return (
    typeof values === "object" &&
    values !== null &&
    !Array.isArray(values) &&
    !ArrayBuffer.isView(values) &&
    !(values instanceof NDArray)
  );
}

/** The dtype of a typed array; undefined when no dtype is kept in such an array. */
export function dtypeOfData(data: unknown): DType | undefined {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  return data instanceof Uint8Array ? "bool" : undefined;
}

/** What a value is, for messages. */
export function describeValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} without a shape`;
  if (Array.isArray(value)) return "a list that holds something else than numbers";
  return typeof value === "object"
    ? `an object (${Object.keys(value).join(", ")})`
    : `a ${typeof value}`;
}
