/** Packed right operands: panels of a fixed number of columns, the last one filled up. */
import type { Program, ScalarType } from "../loop-ir/types.ts";
import { ceilDivSizes, mulSizes, type Size } from "../size/size.ts";

/** Elements of k rows and n columns in panels. */
export function panelSize(width: Program["panelWidth"], type: ScalarType, k: Size, n: Size): Size {
  const columns = type === "f64" ? width.f64 : width.f32;
  return mulSizes(k, columns, ceilDivSizes(n, columns));
}
