import { describe, test } from "vitest";
import type { NDArray } from "../../src/graph/ndarray.ts";
import {
  checkBatch,
  checkDerivatives,
  expectClose,
  inputsFor,
  onCases,
  toDouble,
  toSingle,
  valueOf,
} from "./check-op.ts";
import { opSpecs } from "./specs.ts";

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
