import { UsageError } from "../errors.ts";
import type { Example } from "./task.ts";

/** Which sequences of the adding problem (Hochreiter & Schmidhuber 1997). */
export interface AddingProblem {
  readonly rows: number;
  /** Numbers in each sequence, at least 2. */
  readonly steps: number;
  readonly seed: number;
}

/** The most that is made. */
export const mostAdding = { rows: 1_000_000, steps: 20_000 } as const;

/**
 * Sequences of numbers in [0, 1), one marked in the first half and one in the second; the answer is the sum of the two.
 * A step is the number and 1 where it is marked, else 0. Who always answers 1 has a mean squared error of 1/6.
 *
 * @throws {@link UsageError} for counts that cannot be
 */
export function addingExamples({ rows, steps, seed }: AddingProblem): Example[] {
  checkWhole("rows", rows, 1, mostAdding.rows);
  checkWhole("steps", steps, 2, mostAdding.steps);
  checkWhole("seed", seed, 0, 0xffff_ffff);
  const random = numbersFrom(seed);
  return Array.from({ length: rows }, () => {
    const values = Array.from({ length: steps }, random);
    const half = Math.floor(steps / 2);
    const marked = [Math.floor(half * random()), half + Math.floor((steps - half) * random())];
    return {
      input: values.map((value, t) => [value, marked.includes(t) ? 1 : 0]),
      target: marked.reduce((sum, t) => sum + (values[t] ?? 0), 0),
    };
  });
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(
    `adding problem: ${name}: expected a whole number from ${least} to ${most}, got ${value}`,
    { hint: "two steps are marked, so there are at least two" },
  );
}

/**
 * Numbers in [0, 1) that are the same everywhere: the constants of a linear congruential generator of Numerical
 * Recipes. The seed is spread over all bits first, so that near seeds give other numbers.
 */
function numbersFrom(seed: number): () => number {
  let state = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}
