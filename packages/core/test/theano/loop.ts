/** What the tests of the checklist share. */
import { evaluate, matrix, scan, vector, type Tensor } from "../../src/index.ts";
import { loosely } from "../mistakes/mistake.ts";

export const loose = loosely(scan) as (...args: unknown[]) => {
  readonly outputs: Tensor;
  readonly final: Tensor;
  readonly updates: readonly (readonly [Tensor, Tensor])[];
};
export const v = vector("v", { dtype: "float64" });
export const x = matrix("x", { dtype: "float64" });
export const at = (y: Tensor, values: Readonly<Record<string, unknown>> = {}): unknown =>
  evaluate(y, values as never).toArray();
export const five = { v: [1, 2, 3, 4, 5] };
