/** Numbers that every library starts from, so that losses can be compared: a linear congruential generator on 32-bit words. */

/** `count` numbers in [0, 1). */
export function units(seed: number, count: number): Float64Array {
  let state = (seed * 2654435761 + 12345) % 0x100000000;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x100000000;
  });
}

/** An array of `shape` of numbers in [-limit, limit), row-major. */
export function symmetric(
  seed: number,
  shape: readonly number[],
  limit: number,
): { readonly data: Float32Array; readonly shape: readonly number[] } {
  const count = shape.reduce((n, size) => n * size, 1);
  return { data: Float32Array.from(units(seed, count), (u) => (2 * u - 1) * limit), shape };
}

/** An array of `shape` of the integers 0 .. below - 1. */
export function integers(
  seed: number,
  shape: readonly number[],
  below: number,
): { readonly data: Int32Array; readonly shape: readonly number[] } {
  const count = shape.reduce((n, size) => n * size, 1);
  return { data: Int32Array.from(units(seed, count), (u) => Math.floor(u * below)), shape };
}
