import { UsageError } from "../errors.ts";
import type { Example } from "./task.ts";

/** How many sequences of the adding problem, how long, and where their random numbers start. */
export interface AddingProblem {
  readonly rows: number;
  /** Steps of the shortest sequence: at least 2. */
  readonly shortest: number;
  /** Steps of the longest sequence. */
  readonly longest: number;
  readonly seed: number;
}

export const addingDefaults: AddingProblem = { rows: 4000, shortest: 50, longest: 55, seed: 1 };

/** The most that is made. */
export const mostAdding = { rows: 1_000_000, longest: 20_000 } as const;

/**
 * The adding problem (Hochreiter and Schmidhuber, Long Short-Term Memory, 1997): each step is a number from 0 to 1 and a
 * mark, two steps are marked, one in each half, and the answer is the sum of their numbers. Who always says 1 has a mean
 * squared error of 1/6. The same options give the same sequences on every machine.
 *
 * @returns sequences `[T][2]`, each with a number
 * @throws {@link UsageError} for counts and lengths that cannot be
 * @example
 * const [first] = addingProblem({ rows: 1, shortest: 3, longest: 3 });
 */
export function addingProblem(options: Partial<AddingProblem> = {}): Example[] {
  const { rows, shortest, longest, seed } = { ...addingDefaults, ...options };
  checkWhole("rows", rows, 1, mostAdding.rows);
  checkWhole("longest", longest, 2, mostAdding.longest);
  checkWhole("shortest", shortest, 2, longest);
  checkWhole("seed", seed, 0, 0xffff_ffff);
  const random = randomNumbers(seed);
  return Array.from({ length: rows }, () => {
    const length = shortest + Math.floor((longest - shortest + 1) * random());
    const half = Math.floor(length / 2);
    const marked = [
      Math.floor(half * random()),
      half + Math.floor((length - half) * random()),
    ] as const;
    const values = Array.from({ length }, random);
    const input = values.map((value, t) => [value, t === marked[0] || t === marked[1] ? 1 : 0]);
    const target = (values[marked[0]] ?? 0) + (values[marked[1]] ?? 0);
    return { input, target };
  });
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new UsageError(
    `adding problem: ${name}: expected a whole number from ${least} to ${most}, got ${value}`,
    { hint: "shortest is at least 2, for two marks, and longest not below it" },
  );
}

/** Draws before the first one that counts: neighbouring seeds begin alike. */
const warmUp = 16;

/** Numbers in [0, 1), the same everywhere: a linear congruential generator with the constants of Numerical Recipes. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  for (let i = 0; i < warmUp; i += 1) next();
  return next;
}
