/** Values of a random scan's inputs. */
import type { TensorValue } from "../../../src/index.ts";
import { batch, type Plan } from "./plan.ts";

const initial = [
  [0.3, -0.2],
  [0.5, 0.1],
  [-0.4, 0.6],
] as const;

/** w */
export const scaleOfW = 0.8;
/** What an outer scan multiplies w by, step by step. */
export const outerScales = [1, 0.6, -0.9];

/** Past values of sequence `b`, the oldest first. */
export const initialValues = (b: number): number[] => initial.map((row) => row[b] ?? 0);

/** Element `i` of x, in row-major order. */
export const xValue = (i: number): number => Math.sin(1.7 * i + 1);

/** Values by name; rows in padding hold `poison`. */
export function valuesOf(plan: Plan, poison: number): Readonly<Record<string, TensorValue>> {
  const isValid = (i: number): boolean => plan.mask[Math.floor(i / batch)]?.[i % batch] === true;
  const numbers = Array.from({ length: plan.rows * batch }, (_, i) =>
    isValid(i) ? xValue(i) : poison,
  );
  const data = plan.dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers);
  return { x: { data, shape: [plan.rows, batch] }, initial, w: scaleOfW };
}
