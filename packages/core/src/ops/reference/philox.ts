/** Philox 4x32-10 on the host (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). */

const multipliers = [0xd2511f53, 0xcd9e8d57] as const;
const weyl = [0x9e3779b9, 0xbb67ae85] as const;

export type Words = readonly [number, number, number, number];

/** The high word of the product of two unsigned words, from products of half words. */
export function highWord(x: number, y: number): number {
  const [x0, x1, y0, y1] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16];
  const high = x1 * y0 + ((x0 * y0) >>> 16);
  const low = x0 * y1 + (high & 0xffff);
  return (x1 * y1 + (high >>> 16) + (low >>> 16)) | 0;
}

/** Four random words (as int32) for a counter and a key. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    [c0, c1, c2, c3] = [
      highWord(c2, multipliers[1]) ^ c1 ^ k0,
      Math.imul(c2, multipliers[1]),
      highWord(c0, multipliers[0]) ^ c3 ^ k1,
      Math.imul(c0, multipliers[0]),
    ];
    k0 = (k0 + weyl[0]) | 0;
    k1 = (k1 + weyl[1]) | 0;
  }
  return [c0, c1, c2, c3];
}

/** A standard normal number from two uniform ones, u in (0, 1] (Box & Muller 1958). */
export function boxMuller(u: number, v: number): number {
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
}
