import { expect, test } from "vitest";
import { bandText, figure, percent, table, times } from "../src/table.ts";

test.each([
  [0.08214, "0.0821"],
  [0.00012, "0.0001"],
  [1.2345, "1.23"],
  [24.26, "24.3"],
  [346.4, "346"],
  [20405.3, "20405"],
  [0, "0"],
  [NaN, "-"],
])("%d reads as %s", (x, text) => {
  expect(figure(x)).toBe(text);
});

test("a band whose ends read alike is one figure", () => {
  expect(bandText({ low: 24.31, high: 24.33 })).toBe("24.3");
  expect(bandText({ low: 24.3, high: 31 })).toBe("24.3..31.0");
});

test("ratios and shares carry their units", () => {
  expect(times(4.317)).toBe("4.32 x");
  expect(percent(0.0151)).toBe("1.5 %");
});

test("columns of a table line up, figures to the right", () => {
  expect(table(["name", "ms"], [["ours", "1.50"], ["a peer"]])).toEqual([
    "| name   |   ms |",
    "| ------ | ---: |",
    "| ours   | 1.50 |",
    "| a peer |      |",
  ]);
});
