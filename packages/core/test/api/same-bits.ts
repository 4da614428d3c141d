/** Values that must be the same bits however they are computed. */
import { expect } from "vitest";
import { compile, evaluate, type Tensor } from "../../src/index.ts";

/** The values of a graph of inputs `inputs`. */
export async function valuesOf(
  output: Tensor,
  inputs: Readonly<Record<string, Tensor>> = {},
  values: Readonly<Record<string, unknown>> = {},
): Promise<number[]> {
  const wanted = [...evaluate(output, values as never).data];
  for (const optimize of ["full", "none"] as const) {
    const call = await compile({ inputs, outputs: { output }, optimize });
    expect([...call(values as never).output.data], optimize).toEqual(wanted);
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
