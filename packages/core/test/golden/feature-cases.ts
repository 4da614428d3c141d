/** Builders for the cases of one feature each. */
import { gradientCases } from "./gradient-cases.ts";
import type { Builder } from "./golden.ts";
import { opCases } from "./op-cases.ts";
import { scanCases } from "./scan-cases.ts";
import { untilCases } from "./until-cases.ts";

export { partialCases } from "./op-cases.ts";

export const featureCases: Readonly<Record<string, Builder>> = {
  ...scanCases,
  ...untilCases,
  ...gradientCases,
  ...opCases,
};
