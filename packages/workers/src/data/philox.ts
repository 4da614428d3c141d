/**
 * Philox 4x32-10: random numbers as a function of (key, counter), so that nothing needs to be kept or replayed.
 * Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */

const [m0, m1, w0, w1] = [0xd2511f53, 0xcd9e8d57, 0x9e3779b9, 0xbb67ae85];

/** The upper 32 bits of a product of two unsigned 32-bit numbers. */
function mulHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = aLow * bLow;
  const middle1 = aHigh * bLow + (low >>> 16);
  const middle2 = aLow * bHigh + (middle1 % 0x10000);
  return aHigh * bHigh + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000);
}

/** Four unsigned 32-bit numbers. */
export type Words4 = readonly [number, number, number, number];

/** The four random words of a counter under a key. */
export function philox(counter: Words4, key: readonly [number, number]): Words4 {
  let [c0, c1, c2, c3] = counter.map((c) => c >>> 0) as [number, number, number, number];
  let [k0, k1] = [key[0] >>> 0, key[1] >>> 0];
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = [mulHigh(m0, c0), Math.imul(m0, c0)];
    const [high1, low1] = [mulHigh(m1, c2), Math.imul(m1, c2)];
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1 >>> 0, (high0 ^ c3 ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + w0) >>> 0;
    k1 = (k1 + w1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The integers 0 .. n-1 in an order that depends on (seed, epoch, stream) alone. Fisher and Yates. */
export function permutation(n: number, seed: number, epoch: number, stream: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const key = [seed, Math.floor(seed / 0x100000000)] as const;
  let words: Words4 = [0, 0, 0, 0];
  for (let i = n - 1, drawn = 0; i > 0; i--, drawn++) {
    if (drawn % 4 === 0) words = philox([drawn / 4, epoch, stream, 0], key);
    const j = Math.floor(((words[drawn % 4] ?? 0) / 0x100000000) * (i + 1));
    const [a, b] = [order[i] ?? 0, order[j] ?? 0];
    order[i] = b;
    order[j] = a;
  }
  return order;
}
