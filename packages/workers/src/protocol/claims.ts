/**
 * Claim words: who does a task, in which attempt, at which tick. A word of another tick is a free one, so that nothing needs
 * to be cleared between phases; a claim whose owner died is released with the next attempt number, so that a late writer finds
 * another word than the one it claimed and its result is not published.
 *
 * Bits: tick modulo 2^20, attempt (4), owner (8): 0 free, rank + 1, or 255 done.
 */

export interface Claim {
  readonly attempt: number;
  /** The owner's rank, or where the task stands. */
  readonly owner: number | "free" | "done";
}

const tagBits = 20;
const done = 255;
/** Ranks are below this. */
export const maxWorkers = 254;
/** Attempts are below this. */
export const maxAttempts = 16;

function pack(tick: number, attempt: number, owner: number): number {
  return ((tick & ((1 << tagBits) - 1)) << 12) | (attempt << 8) | owner;
}

/** What a word says to those who work at `tick`. */
export function readClaim(bits: number, tick: number): Claim {
  if (bits >>> 12 !== (tick & ((1 << tagBits) - 1))) return { attempt: 0, owner: "free" };
  const [attempt, owner] = [(bits >>> 8) & 15, bits & 255];
  return { attempt, owner: owner === 0 ? "free" : owner === done ? "done" : owner - 1 };
}

/** The word of a claim. */
export function claimed(tick: number, attempt: number, rank: number): number {
  return pack(tick, attempt, rank + 1);
}

/** The word of a task whose result stands. */
export function finished(tick: number, attempt: number): number {
  return pack(tick, attempt, done);
}

/** The word of a task that is to be tried again. */
export function released(tick: number, attempt: number): number {
  return pack(tick, attempt, 0);
}
