/** All that every backend is held to: the rows of core's op table, the cases, and how calls behave. */
import { callChecks } from "./calls.ts";
import { conformanceCases } from "./cases/index.ts";
import { checkCase, type Check } from "./check.ts";
import { rowChecks } from "./op-rows.ts";

export const conformanceChecks: readonly Check[] = [
  ...rowChecks,
  ...conformanceCases.map((conformance) => ({
    name: conformance.name,
    run: (backend: Parameters<Check["run"]>[0]) => checkCase(conformance, backend),
  })),
  ...callChecks,
];
