/** What measuring one workload gives, and the figures that it is set beside. */
import type { WorkloadName } from "./peer-task.ts";
import type { Summary } from "./statistics.ts";

export interface ContestantResult {
  readonly name: string;
  /** Milliseconds of the first step, which traces or compiles in libraries that do so lazily; ours includes `compile`. */
  readonly firstStep: number;
  /** Of the first three steps. */
  readonly losses: readonly number[];
  /** Milliseconds a step; missing where losses alone were wanted. */
  readonly summary?: Summary;
}

export interface StepResult {
  readonly workload: WorkloadName;
  readonly gigaflop: number;
  readonly expected: readonly number[];
  /** Ours first. */
  readonly contestants: readonly ContestantResult[];
}

/**
 * Milliseconds a step (minimum) of programs written by hand for each of these models: WebAssembly for Node 20 without flags,
 * 5 x 8 tiles, on one core of an AMD EPYC (Zen 5) at about 3.2 GHz. A bound for a compiler, comparable on such machines only.
 */
export const handWritten: Readonly<Record<WorkloadName, number>> = {
  S1: 0.082,
  S2: 9.3,
  S3: 24.3,
  S4: 346,
  S5: 311,
};

/** How far a loss may lie from the listed one: sums in float32 differ in their last digits. */
const tolerance = 3e-5;

/** @throws Error that names the library and the step */
export function checkLosses(
  name: string,
  losses: readonly number[],
  expected: readonly number[],
): void {
  for (const [i, wanted] of expected.entries()) {
    const got = losses[i] ?? NaN;
    if (Math.abs(got - wanted) <= tolerance) continue;
    throw new Error(`${name}: the loss of step ${i + 1} is ${got}, expected ${wanted}`);
  }
}
