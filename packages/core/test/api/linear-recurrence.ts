/** A linear recurrence as an associative scan, for tests. */
import { associativeScan, type Tensor } from "../../src/index.ts";

export interface Recurrence {
  readonly a: Tensor;
  readonly h: Tensor;
}
/** h[t] = a[t] h[t-1] + x[t], from 0. */
export const linear = (a: Tensor, x: Tensor, reverse = false): Tensor =>
  associativeScan(
    (left: Recurrence, right: Recurrence): Recurrence => ({
      a: left.a.mul(right.a),
      h: right.a.mul(left.h).add(right.h),
    }),
    { a, h: x },
    { reverse },
  ).h;

/** Numbers for n rows. */
export const data = (n: number): { readonly a: number[]; readonly x: number[] } => ({
  a: Array.from({ length: n }, (_, t) => 0.9 * Math.cos(1.3 * t)),
  x: Array.from({ length: n }, (_, t) => Math.sin(0.7 * t)),
});
