import { compile } from "@scan-train/core";
import { expect, test } from "vitest";
import { workloads } from "../src/workloads.ts";

// S4 is S3 with other sizes, and slow where nothing is tuned: the benchmark checks its losses.
test.each(["S1", "S2", "S3", "S5"] as const)(
  "%s starts with the losses that every library gives",
  async (name) => {
    const { inputs, values, cost, updates, firstLosses } = workloads[name]();
    const train = await compile({ inputs, outputs: { cost }, updates, name });
    for (const loss of firstLosses)
      expect(Math.abs(train(values).cost.item() - loss)).toBeLessThan(1.5e-5);
  },
);
