import { expect, test } from "vitest";
import { budgetSection } from "../src/report-budget.ts";
import { rowsOf } from "./rows-of.ts";

test("kernels are told by their share, and small ones together", () => {
  const lines = budgetSection([
    {
      workload: "S3",
      step: 20,
      kernels: [
        { name: "scan: h @ W", milliseconds: 15, calls: 64 },
        { name: "scan: tanh", milliseconds: 4, calls: 64 },
        { name: "sub", milliseconds: 0.1, calls: 1 },
      ],
    },
  ]);
  expect(rowsOf(lines, "S3")).toEqual([
    expect.stringMatching(/scan: h @ W .* 64 .* 15\.0 .* 75\.0 % \|/),
  ]);
  expect(lines.join("\n")).toMatch(/\| all else .* 1\.00 .* 5\.0 % \|/);
  expect(lines.join("\n")).not.toContain("| sub");
});
