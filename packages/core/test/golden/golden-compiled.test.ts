/** The same golden cases, compiled to WebAssembly: with all passes, and the graph as written. */
import { describe, expect, test } from "vitest";
import { compile } from "../../src/api/compile.ts";
import { Store } from "../../src/runtime/store.ts";
import { readCases, runCase, type Prepare } from "./golden.ts";
import { featureCases, partialCases } from "./feature-cases.ts";
import { laterCases } from "./later-cases.ts";
import { seedCases } from "./seed-cases.ts";

const cases = readCases();
const builders = { ...seedCases, ...featureCases };

const onWasm =
  (optimize: "full" | "fast" | "none"): Prepare =>
  async ({ inputs, outputs, updates }) =>
    await compile({
      inputs,
      outputs,
      updates,
      optimize,
      unusedInputs: "ignore",
      store: new Store(),
    });

test.skipIf(cases.length > 0)("no golden cases here", () => expect(cases).toEqual([]));

describe.skipIf(cases.length === 0).each(["full", "fast", "none"] as const)(
  "golden cases on wasm, optimize %s",
  (optimize) => {
    for (const golden of cases) {
      const builder = builders[golden.id];
      if (builder === undefined || laterCases[golden.id] !== undefined) continue;
      for (const float of ["float64", "float32"] as const)
        test(`${golden.id} in ${float}`, async () => {
          expect(
            await runCase(golden, float, builder, onWasm(optimize), partialCases.has(golden.id)),
          ).toEqual([]);
        });
    }
  },
);
