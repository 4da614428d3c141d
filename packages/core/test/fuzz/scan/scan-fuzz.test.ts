/** Random scans equal the loop written out, however they run: values, gradients and second derivatives. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkBudget, checkPlan, takesBudget } from "./compare.ts";
import { plans, plansOf } from "./plan.ts";
import { printPlan } from "./print-plan.ts";

const long = process.env["SCAN_TRAIN_LONG"] === "1";
const numRuns = Number(process.env["SCAN_TRAIN_RUNS"] ?? (long ? 2500 : 60));
const seed = Number(process.env["SCAN_TRAIN_SEED"] ?? 1);

test(
  "a random scan is the loop written out",
  async () => {
    await fc.assert(fc.asyncProperty(plans, checkPlan), { numRuns, seed });
  },
  long ? 3_600_000 : 60_000,
);

test(
  "a budget of memory changes no bit",
  async () => {
    const parts: number[] = [];
    const property = fc.asyncProperty(
      plansOf(300, 600).filter(takesBudget),
      fc.constantFrom("full" as const, "full" as const, "fast" as const, "none" as const),
      async (plan, optimize) => void parts.push(await checkBudget(plan, optimize)),
    );
    await fc.assert(property, { numRuns: Math.ceil(numRuns / 8), seed, endOnFailure: true });
    const quarter = parts.sort((a, b) => a - b)[parts.length >> 2];
    expect(quarter).toBeLessThan(1);
  },
  long ? 3_600_000 : 60_000,
);

test("a scan that differs is shown as code", () => {
  const [plan] = fc.sample(plans, { numRuns: 1, seed: 12 });
  if (plan === undefined) throw new Error("nothing drawn");
  expect(
    printPlan({ ...plan, sequenceTaps: [0], stateTaps: [-1], until: "rows", nesting: "none" }),
  ).toContain("stepResult([h, y], { until: h.gt(");
});
