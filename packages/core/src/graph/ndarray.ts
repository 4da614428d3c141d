/** Concrete arrays: what functions take and return. Row-major, dense. */
import { ShapeError } from "../errors/errors.ts";
import { allocate, isFloating, shortName, type DataOf, type DType } from "./dtype.ts";

export type Nested = number | boolean | readonly Nested[];

/** A dense row-major array with its shape. Prints readably. */
export class NDArray<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataOf[D];

  constructor(dtype: D, shape: readonly number[], data: DataOf[D]) {
    if (data.length !== elementCount(shape))
      throw new ShapeError(
        "NDARRAY_SIZE",
        `data of length ${data.length} cannot have shape [${shape.join(", ")}]`,
      );
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The only element, as a number. @throws ShapeError ITEM when there is not exactly one. */
  item(): number {
    const [value] = this.data;
    if (value === undefined || this.data.length !== 1)
      throw new ShapeError(
        "ITEM",
        `item() needs exactly one element, this array has shape [${this.shape.join(", ")}]`,
      );
    return value;
  }

  /** Nested JavaScript arrays (a plain number or boolean for rank 0). */
  toArray(): Nested {
    return nest(this, 0, 0);
  }

  toString(): string {
    return `${shortName[this.dtype]}[${this.shape.join(", ")}] ${printNested(this.toArray(), isFloating(this.dtype))}`;
  }

  /** One element is a number where a number is wanted; template strings print. @throws ShapeError ITEM */
  [Symbol.toPrimitive](wanted: string): string | number {
    if (wanted === "string") return this.toString();
    const [value] = this.data;
    if (value === undefined || this.data.length !== 1)
      throw new ShapeError(
        "ITEM",
        `an array of shape [${this.shape.join(", ")}] is not one number`,
        {
          hint: "its numbers are in .data and .toArray(), one by itself is .item(); print with `${x}`",
        },
      );
    return value;
  }

  toJSON(): Nested {
    return this.toArray();
  }

  /** Node prints this. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function nest(array: NDArray, axis: number, offset: number): Nested {
  if (axis === array.shape.length) {
    const value = array.data[offset] ?? 0;
    return array.dtype === "bool" ? value !== 0 : value;
  }
  const stride = elementCount(array.shape.slice(axis + 1));
  return Array.from({ length: array.shape[axis] ?? 0 }, (_, i) =>
    nest(array, axis + 1, offset + i * stride),
  );
}

function printNested(x: Nested, floating: boolean): string {
  if (typeof x === "object") {
    const shown =
      x.length > 12
        ? [
            ...x.slice(0, 6).map((y) => printNested(y, floating)),
            "…",
            ...x.slice(-3).map((y) => printNested(y, floating)),
          ]
        : x.map((y) => printNested(y, floating));
    return `[${shown.join(", ")}]`;
  }
  return typeof x === "number" && floating ? String(Number(x.toPrecision(6))) : String(x);
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1);
}

/** Row-major strides in elements. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/** An array of `shape` whose element at flat position i is `value(i)`. */
export function generate<D extends DType>(
  dtype: D,
  shape: readonly number[],
  value: (i: number) => number,
): NDArray<D> {
  const data = allocate(dtype, elementCount(shape));
  for (let i = 0; i < data.length; i++) data[i] = value(i);
  return new NDArray(dtype, shape, data);
}

/**
 * The shape of nested arrays; `label` is what messages call them.
 * @throws ShapeError RAGGED when rows differ in length.
 */
export function nestedShape(x: Nested, label?: string): number[] {
  if (typeof x !== "object") return [];
  const [first] = x;
  if (first === undefined) return [0];
  const inner = nestedShape(first, label);
  for (const [i, row] of x.entries()) {
    const other = nestedShape(row, label);
    if (other.length !== inner.length || other.some((d, axis) => d !== inner[axis]))
      throw new ShapeError(
        "RAGGED",
        `${label === undefined ? "" : `${label}: `}nested arrays must be rectangular: entry 0 has shape [${inner.join(", ")}], entry ${i} has [${other.join(", ")}]`,
        {
          hint: "pad the rows and pass lengths, or pass them one at a time",
        },
      );
  }
  return [x.length, ...inner];
}

/** Numbers of nested arrays in row-major order. */
export function* flattenNested(x: Nested): Generator<number> {
  if (typeof x === "object") for (const row of x) yield* flattenNested(row);
  else yield Number(x);
}

/** An NDArray of nested arrays. */
export function fromNested<D extends DType>(dtype: D, value: Nested): NDArray<D> {
  const shape = nestedShape(value);
  const data = allocate(dtype, elementCount(shape));
  let i = 0;
  for (const x of flattenNested(value)) data[i++] = dtype === "bool" ? Number(x !== 0) : x;
  return new NDArray(dtype, shape, data);
}
