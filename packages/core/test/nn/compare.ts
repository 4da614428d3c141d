/** What the tests of cells compare by. */
import { expect } from "vitest";
import type { Shared } from "../../src/api/shared.ts";
import type { Nested } from "../../src/graph/ndarray.ts";

/** The parameters by the ends of their names; a vector is a matrix of one row. */
export const weightsOf = (parameters: readonly Shared[]): Record<string, number[][]> =>
  Object.fromEntries(
    parameters.map((p) => {
      const { data, shape } = p.get();
      const n = shape.at(-1) ?? 1;
      const matrix = Array.from({ length: data.length / n }, (_, i) => [
        ...data.subarray(i * n, (i + 1) * n),
      ]);
      return [(p.name ?? "").replace(/.*\./, ""), matrix];
    }),
  );

/** The numbers of nested lists in order. */
export const flat = (x: Nested): number[] =>
  typeof x === "object" ? x.flatMap(flat) : [Number(x)];

/** Numbers of any nesting, in order, to this many digits. */
export function expectClose(actual: Nested, wanted: Nested, digits: number): void {
  const [a, w] = [flat(actual), flat(wanted)];
  expect(a).toHaveLength(w.length);
  for (const [i, value] of a.entries()) expect(value).toBeCloseTo(w[i] ?? NaN, digits);
}
