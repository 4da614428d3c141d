/** The blocks that a matrix product goes through. */

/** Steps along k that are summed from +0 before they are added to c: the bits of a result depend on it. */
export const depthOfBlock = 256;

/** Rows of a that a kernel has at hand: as many as the second cache holds beside panels of b. */
export const rowsOfBlock = 120;

/**
 * Elements that the `scratch` of a product of `m` rows and `k` steps has at least. Where `m` or `k` is undefined, for only a call knows
 * it, a block has as many as it can.
 */
export function scratchSize(m: number | undefined, k: number | undefined): number {
  return Math.min(m ?? rowsOfBlock, rowsOfBlock) * Math.min(k ?? depthOfBlock, depthOfBlock);
}
