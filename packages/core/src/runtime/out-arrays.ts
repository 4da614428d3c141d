/** Arrays of the caller that take results, so that a call allocates none. */
import { ArgumentError } from "../errors/errors.ts";
import { elementCount, NDArray } from "../graph/ndarray.ts";
import type { DataOf, DType } from "../graph/dtype.ts";
import type { PlanArray } from "./executable-plan.ts";

/** An array that takes a result; with a shape where the caller said one. Its dtype is that of the result. */
export interface OutArray {
  readonly data: DataOf[DType];
  readonly shape?: readonly number[];
}

/** By place of the output; absent where the call makes a new array. */
export type OutArrays = readonly (OutArray | undefined)[];

const none: readonly number[] = [];

/** @throws ArgumentError CALL_OUT where an array does not have the size of its result */
export function checkOut(
  label: string,
  outputs: readonly Pick<PlanArray, "name">[],
  shapes: readonly (readonly number[])[],
  out: OutArrays,
): void {
  for (let i = 0; i < out.length; i++) {
    const given = out[i];
    const shape = shapes[i] ?? none;
    if (given === undefined || fits(given, shape)) continue;
    const had =
      given.shape === undefined ? countOf(given.data.length) : `shape [${given.shape.join(", ")}]`;
    throw new ArgumentError(
      "CALL_OUT",
      `${label}: out "${outputs[i]?.name ?? i}" has ${had}, the result has shape [${shape.join(", ")}]`,
      {
        hint:
          given.data.length === elementCount(shape)
            ? "give its data alone, which has no shape: { out: { name: result.data } }"
            : `give an array of ${countOf(elementCount(shape))}, such as a subarray of a larger one`,
      },
    );
  }
}

const countOf = (n: number): string => `${n} ${n === 1 ? "element" : "elements"}`;

function fits({ data, shape: own }: OutArray, shape: readonly number[]): boolean {
  if (own === undefined) return data.length === elementCount(shape);
  return own.length === shape.length && own.every((n, axis) => n === shape[axis]);
}

/** The result in the caller's array where there is one. */
export function intoOut(result: NDArray, given: OutArray | undefined): NDArray {
  if (given === undefined) return result;
  given.data.set(result.data);
  return new NDArray(result.dtype, result.shape, given.data);
}
