/** What Theano computed in float32, on a GPU: with all passes, and the graph as written. */
import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { compile } from "../../core/src/api/compile.ts";
import { featureCases, partialCases } from "../../core/test/golden/feature-cases.ts";
import { readCases, runCase, type Prepare } from "../../core/test/golden/golden.ts";
import { laterCases } from "../../core/test/golden/later-cases.ts";
import { seedCases } from "../../core/test/golden/seed-cases.ts";
import { openGpu } from "../src/open-gpu.ts";

const gpu = await gpuForTests(openGpu);
const cases = readCases();
const builders = { ...seedCases, ...featureCases };

test.skipIf(cases.length > 0)("no golden cases here", () => expect(cases).toEqual([]));

/** As written is what long runs look at, too. */
const lists =
  process.env["SCAN_TRAIN_LONG"] === undefined ? (["full"] as const) : (["full", "none"] as const);

describe.skipIf(cases.length === 0 || typeof gpu === "string").each(lists)(
  "golden cases on a GPU, optimize %s",
  (optimize) => {
    if (typeof gpu === "string") return;
    afterAll(() => {
      if (optimize === lists.at(-1)) gpu.close();
    });
    const onGpu: Prepare = async ({ inputs, outputs, updates }) => {
      const spec = { inputs, outputs, updates, optimize, unusedInputs: "ignore" } as const;
      return await compile({ ...spec, backend: gpu });
    };
    for (const golden of cases) {
      const builder = builders[golden.id];
      if (builder === undefined || laterCases[golden.id] !== undefined) continue;
      test(golden.id, async () => {
        const faults = await runCase(
          golden,
          "float32",
          builder,
          onGpu,
          partialCases.has(golden.id),
        );
        expect(faults).toEqual([]);
      });
    }
  },
);
