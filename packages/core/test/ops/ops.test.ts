import { describe, test } from "vitest";
import type { NDArray } from "../../src/graph/ndarray.ts";
import {
  checkBatch,
  checkDerivatives,
  expectClose,
  inputsFor,
  toDouble,
  toSingle,
  valueOf,
} from "./check-op.ts";
import { opSpecs, type OpSpec } from "./specs.ts";

/** Runs a check on every case with known and with symbolic sizes, and says which case failed. */
function onCases(
  spec: OpSpec,
  check: (arrays: readonly NDArray[], symbolic: boolean) => void,
): void {
  for (const arrays of spec.cases)
    for (const symbolic of spec.symbolic ? [false, true] : [false])
      try {
        check(arrays, symbolic);
      } catch (cause) {
        const shapes = arrays.map((x) => `${x.dtype}[${x.shape.join(", ")}]`).join(", ");
        throw new Error(`${shapes}, ${symbolic ? "symbolic" : "known"} sizes: ${String(cause)}`, {
          cause,
        });
      }
}

for (const spec of opSpecs)
  describe(spec.name, () => {
    test("computes the types that it infers, in float64 and float32 alike", () => {
      onCases(spec, (arrays, symbolic) => {
        const [single, double] = [toSingle(arrays), toDouble(toSingle(arrays))];
        const value = (given: readonly NDArray[]): NDArray => {
          const inputs = inputsFor(given, symbolic);
          return valueOf(spec.build(...inputs), inputs, given);
        };
        expectClose(value(single), value(double), 2e-5);
      });
    });

    if (spec.wrt.length > 0)
      test("has right derivatives, forward, reverse and second", () => {
        onCases(spec, (arrays, symbolic) => checkDerivatives(spec, arrays, symbolic));
      });

    test("computes a batch as its rows", () => {
      onCases(spec, (arrays, symbolic) => {
        const all = arrays.map((_, i) => i);
        for (const which of [...all.map((i) => [i]), all])
          checkBatch(spec, arrays, which, symbolic);
      });
    });
  });
