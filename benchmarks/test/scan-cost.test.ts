import { expect, test } from "vitest";
import { scanSection } from "../src/report-scan.ts";
import {
  furtherStep,
  scanFigures,
  toUsual,
  type LengthResult,
  type ScanResult,
} from "../src/scan-cost.ts";
import { rowsOf } from "./rows-of.ts";
import { summaryOf } from "./summary-of.ts";

const lengths: LengthResult = {
  size: "small",
  what: "forward",
  calls: [
    { T: 10, summary: summaryOf({ min: 0.02, minima: [0.02, 0.03] }) },
    { T: 1000, summary: summaryOf({ min: 1, minima: [1, 1.2] }) },
  ],
};

const result: ScanResult = {
  lengths: [lengths],
  compile: [
    { sizes: "run-time T and B", samples: [40, 50, 60], bytes: 9000 },
    { sizes: "T 10, B 1", samples: [40, 55, 60], bytes: 8000 },
  ],
  loops: [
    {
      H: 50,
      ways: [
        { name: "scan", summary: summaryOf({ min: 1 }) },
        { name: "a loop", summary: summaryOf({ min: 3 }) },
      ],
    },
  ],
};

test("a step of a short loop is compared with one of a usual loop", () => {
  expect(toUsual(lengths, 10)).toBeCloseTo(2);
  expect(toUsual(lengths, 1000)).toBe(1);
  expect(rowsOf(scanSection(result), " 10 ")).toEqual([expect.stringMatching(/2\.00 .* 2\.00 x/)]);
});

test("a further step costs nothing of what a call does once", () => {
  expect(furtherStep(lengths, 1)).toBeCloseTo(0.98 / 990);
  expect(furtherStep(lengths, 0)).toBeNaN();
  expect(rowsOf(scanSection(result), " 1.00 x | ")).toEqual([expect.stringMatching(/ 0\.990 \|$/)]);
});

test("loops are told in scans, modules in bytes", () => {
  const lines = scanSection(result);
  expect(rowsOf(lines, "a loop")).toEqual([expect.stringContaining(" 3.00 x |")]);
  expect(rowsOf(lines, "T 10, B 1")).toEqual([
    expect.stringMatching(/55\.0 .*40\.0\.\.60\.0 .*8000/),
  ]);
});

test("figures: lengths, bytes exactly, compile times by rounds, loops", () => {
  const figures = scanFigures(result).map(({ name, unit, value }) => ({ name, unit, value }));
  expect(figures).toEqual([
    {
      name: "small, forward: a step of 10 / of 1000",
      unit: "x",
      value: expect.closeTo(2) as number,
    },
    { name: "module, run-time T and B", unit: "bytes", value: 9000 },
    { name: "module, T 10, B 1", unit: "bytes", value: 8000 },
    { name: "compile, T 10, B 1 / run-time sizes", unit: "x", value: 1 },
    { name: "50 units: a loop / scan", unit: "x", value: 3 },
  ]);
});
