// Sample arrays for the op table: fixed numbers that look random, so that failures repeat.
import type { DType } from "../../src/graph/dtype.ts";
import { elementCount, generate, type NDArray } from "../../src/graph/ndarray.ts";

/** Numbers in [0, 1): a linear congruence. */
export function* numbers(seed: number): Generator<number, never> {
  for (let state = seed * 7919 + 12345; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 0x100000000;
  }
}

let seed = 0;

function sample(dtype: DType, shape: readonly number[], value: (u: number) => number): NDArray {
  const stream = numbers(++seed);
  return generate(dtype, shape, () => value(stream.next().value));
}

/** float64 between `low` and `high`. */
export const reals = (shape: readonly number[], low = -2, high = 2): NDArray =>
  sample("float64", shape, (u) => low + (high - low) * u);

/** float64 between 0.2 and 3. */
export const positive = (...shape: number[]): NDArray => reals(shape, 0.2, 3);

/** float64 between -2 and 2. */
export const real = (...shape: number[]): NDArray => reals(shape);

/** int32 from `low` to `high - 1`. */
export const integers = (shape: readonly number[], low: number, high: number): NDArray =>
  sample("int32", shape, (u) => Math.floor(low + (high - low) * u));

/** bool. */
export const flags = (...shape: number[]): NDArray => sample("bool", shape, (u) => Number(u < 0.5));

/** Given numbers. */
export function given(dtype: DType, shape: readonly number[], values: readonly number[]): NDArray {
  if (values.length !== elementCount(shape)) throw new Error("wrong number of values");
  return generate(dtype, shape, (i) => values[i] ?? 0);
}
