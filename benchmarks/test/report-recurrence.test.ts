import { expect, test } from "vitest";
import { recurrenceFigures } from "../src/recurrence.ts";
import { recurrenceSection } from "../src/report-recurrence.ts";
import { rowsOf } from "./rows-of.ts";
import { summaryOf } from "./summary-of.ts";

const results = [
  {
    what: "the sum of h",
    ways: [
      { name: "loop", summary: summaryOf({ min: 0.45, median: 0.47 }) },
      { name: "associative", summary: summaryOf({ min: 0.1, median: 0.11 }) },
    ],
  },
];

test("what stands in for a loop is told in loops", () => {
  const lines = recurrenceSection(results);
  expect(rowsOf(lines, "associative")).toEqual([
    "|              | associative | 0.100 |  0.110 |      0.100 | 4.50 x |",
  ]);
  expect(lines.join("\n")).toContain("over 100000 steps");
});

test("each way but the loop is a figure", () => {
  const [figure, ...more] = recurrenceFigures(results);
  expect(more).toEqual([]);
  expect(figure).toMatchObject({ name: "the sum of h: loop / associative", unit: "x" });
  expect(figure?.value).toBeCloseTo(4.5);
});
