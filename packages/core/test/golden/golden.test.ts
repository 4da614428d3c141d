/** Every golden case of this version's scope, on the reference evaluator, in both precisions. */
import { describe, expect, test } from "vitest";
import { goldenFolder, onReference, readCases, runCase } from "./golden.ts";
import { errorCases } from "./error-cases.ts";
import { featureCases, partialCases } from "./feature-cases.ts";
import { laterCases } from "./later-cases.ts";
import { seedCases } from "./seed-cases.ts";

const cases = readCases();
const builders = { ...seedCases, ...featureCases };

describe.skipIf(cases.length === 0)(
  `golden cases (of ${goldenFolder.split("/").at(-1) ?? ""})`,
  () => {
    for (const golden of cases) {
      const builder = builders[golden.id];
      const fails = errorCases[golden.id];
      const later = laterCases[golden.id];
      if (later !== undefined) test.skip(`${golden.id}: ${later}`);
      else if (fails !== undefined) test(`${golden.id} fails`, fails);
      else if (builder === undefined)
        test(`${golden.id} has a builder`, () => expect.fail(`no builder for ${golden.id}`));
      else
        for (const float of ["float64", "float32"] as const)
          test(`${golden.id} in ${float}`, async () => {
            expect(
              await runCase(golden, float, builder, onReference, partialCases.has(golden.id)),
            ).toEqual([]);
          });
    }
  },
);

test.skipIf(cases.length > 0)(`no golden cases here: ${goldenFolder} does not exist`, () =>
  expect(cases).toEqual([]),
);
