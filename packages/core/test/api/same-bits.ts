/** Values that must be the same bits however they are computed. */
import { expect } from "vitest";
import { compile, evaluate, type Tensor } from "../../src/index.ts";

/** The values of a graph of inputs `inputs`; within `tolerance` of the reference where that uses functions of the host, as for normals. */
export async function valuesOf(
  output: Tensor,
  inputs: Readonly<Record<string, Tensor>> = {},
  values: Readonly<Record<string, unknown>> = {},
  tolerance = 0,
): Promise<number[]> {
  let wanted = [...evaluate(output, values as never).data];
  for (const optimize of ["full", "none"] as const) {
    const call = await compile({ inputs, outputs: { output }, optimize });
    const found = [...call(values as never).output.data];
    if (optimize === "full" && tolerance > 0) {
      const apart = found.map((x, i) => Math.abs(x - (wanted[i] ?? NaN)));
      expect(Math.max(...apart)).toBeLessThan(tolerance);
      wanted = found;
    }
    expect(found, optimize).toEqual(wanted);
    call.dispose();
  }
  return wanted;
}

/** The sum of (seen - wanted)² / wanted. */
export function chiSquare(seen: readonly number[], wanted: readonly number[]): number {
  return seen.reduce((sum, n, i) => sum + (n - (wanted[i] ?? 0)) ** 2 / (wanted[i] ?? 1), 0);
}

/** How often each of `classes` ids occurs. */
export const countsOf = (ids: readonly number[], classes: number): number[] =>
  Array.from({ length: classes }, (_, c) => ids.filter((id) => id === c).length);
