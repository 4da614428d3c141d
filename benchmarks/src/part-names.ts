/** The parts of the benchmark besides S1 to S5, in the order of RESULTS.md. */
export const partNames = [
  "pytorch",
  "wide",
  "budget",
  "gemm",
  "compile",
  "graph",
  "memory",
  "scan",
  "cells",
  "recurrence",
  "gpu",
  "trainer",
] as const;

export type PartName = (typeof partNames)[number];

export function isPartName(name: string): name is PartName {
  return partNames.some((known) => known === name);
}

/** Those that `--quick` alone measures. */
export const quickParts: readonly PartName[] = ["gemm", "scan", "cells"];
