/** Random numbers on the host: what kernels draw in float64, for initial values. */
import { elementCount, generate, type NDArray } from "../graph/ndarray.ts";
import { scalarFunction } from "../loop-ir/scalar-function.ts";
import { domains } from "./random-key.ts";
import { philox, type Words } from "./reference/philox.ts";

/** The two words of a random key. */
export type KeyWords = readonly [number, number];

function draw(
  [k0, k1]: KeyWords,
  shape: readonly number[],
  value: (words: Words) => number,
): NDArray<"float64"> {
  return generate("float64", shape, (i) => value(philox([i, 0, 0, domains.draw], [k0, k1])));
}

/** A multiple of 2^-53 in [0, 1) from two words. */
function unit(high: number, low: number): number {
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
}

/** Numbers spread evenly in [low, high). */
export function hostUniform(
  key: KeyWords,
  shape: readonly number[],
  low: number,
  high: number,
): NDArray<"float64"> {
  return draw(key, shape, ([w0, w1]) => low + (high - low) * unit(w0, w1));
}

/** Normally distributed numbers of mean 0 and standard deviation 1 (Box & Muller 1958), the same on every engine. */
export function hostNormal(key: KeyWords, shape: readonly number[]): NDArray<"float64"> {
  if (elementCount(shape) === 0) return generate("float64", shape, () => 0);
  const [log, cos] = [scalarFunction("log", "f64"), scalarFunction("cos", "f64")];
  return draw(key, shape, ([w0, w1, w2, w3]) => {
    const u = unit(w0, w1) + 1 / 0x20000000000000;
    return Math.sqrt(-2 * log(u)) * cos(2 * Math.PI * unit(w2, w3));
  });
}
