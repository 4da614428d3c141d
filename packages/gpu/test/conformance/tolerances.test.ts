import { expect, test } from "vitest";
import { opSpecs } from "../../../core/test/ops/specs.ts";
import { loose } from "./case.ts";
import { conformanceCases } from "./cases/index.ts";
import { conformanceChecks } from "./checks.ts";

test("no tolerance is looser than rtol 1e-4 and atol 1e-5, and most rows are tighter", () => {
  expect(loose).toEqual({ rtol: 1e-4, atol: 1e-5 });
  const all = [...opSpecs, ...conformanceCases];
  const looser = all.filter(
    ({ tolerance: { rtol, atol } }) => rtol > loose.rtol || atol > loose.atol,
  );
  expect(looser.map(({ name }) => name)).toEqual([]);
  expect(opSpecs.filter(({ tolerance }) => tolerance.rtol >= loose.rtol)).toEqual([]);
});

test("checks have names of their own", () => {
  const names = conformanceChecks.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
