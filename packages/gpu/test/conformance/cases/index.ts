/** All cases. */
import type { ConformanceCase } from "../case.ts";
import { arrayCases } from "./arrays.ts";
import { elementwiseCases } from "./elementwise.ts";
import { farCases } from "./far-from-zero.ts";
import { networkCases } from "./networks.ts";
import { scanOptionCases } from "./scan-options.ts";
import { scanCases } from "./scans.ts";
import { specialCases } from "./special-values.ts";
import { trainingCases } from "./training.ts";

export const conformanceCases: readonly ConformanceCase[] = [
  ...elementwiseCases,
  ...farCases,
  ...specialCases,
  ...arrayCases,
  ...scanCases,
  ...scanOptionCases,
  ...trainingCases,
  ...networkCases,
];
