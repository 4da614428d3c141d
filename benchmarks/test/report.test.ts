import { expect, test } from "vitest";
import { reportText, type Report } from "../src/report.ts";

const report: Report = {
  machine: { cpu: "Some CPU", cores: 2, gigabytes: 24, system: "Linux x64", node: "20", v8: "11" },
  date: "2024-01-31",
  command: "npm run bench",
  load: [0.1, 1.234],
  quiet: true,
  sections: [["## One", "", "words"], [], ["## Two"]],
};

test("the report says where its figures come from, and how far a check may find them elsewhere", () => {
  const text = reportText(report);
  expect(text).toContain("Written by `npm run bench` on 2024-01-31; do not edit by hand.");
  expect(text).toContain("Some CPU, 2 cores, 24 GB, Linux x64");
  expect(text).toContain("Load average 0.10 before and 1.23 after");
  expect(text).toContain("15 % beyond either end for ratios, 25 % for times");
  expect(text).not.toContain("busy");
});

test("figures of a busy machine are marked as such", () => {
  expect(reportText({ ...report, quiet: false })).toContain("The machine was busy");
});

test("sections follow in their order; parts that told nothing leave no gap", () => {
  expect(reportText(report).endsWith("\n\n## One\n\nwords\n\n## Two\n")).toBe(true);
});
