import { expect, test } from "vitest";
import { parseResults, resultsText } from "../src/results-file.ts";

const file = {
  date: "2024-01-31",
  machine: { cpu: "Some CPU", cores: 2, gigabytes: 24, system: "Linux x64", node: "20", v8: "11" },
  figures: [
    {
      part: "S1",
      name: "scan-train",
      unit: "ms",
      value: 0.104,
      band: { low: 0.08, high: 0.125 },
      kind: "absolute",
    },
    {
      part: "S1",
      name: "jax-js / scan-train",
      unit: "x",
      value: 83.3333333333,
      band: { low: 70, high: 100 },
      kind: "ratio",
    },
  ],
} as const;

test("what was written is read again, but for digits that mean nothing", () => {
  const { figures, ...rest } = parseResults(resultsText(file));
  expect(rest).toEqual({ date: file.date, machine: file.machine });
  expect(figures).toEqual([file.figures[0], { ...file.figures[1], value: 83.3333 }]);
});

test("whole numbers keep all their digits: they may have to be found exactly", () => {
  const bytes = { ...file.figures[0], value: 56361024, band: { low: 56361024, high: 56361024 } };
  expect(parseResults(resultsText({ ...file, figures: [bytes] })).figures).toEqual([bytes]);
});

test("each figure has its line", () => {
  expect(
    resultsText(file)
      .split("\n")
      .filter((line) => line.includes('"S1"')),
  ).toHaveLength(2);
});

test("what is no such file is said to be none", () => {
  expect(() => parseResults("{}")).toThrow('results.json has no "machine" and "figures"');
  const wrong = { ...file, figures: [file.figures[0], { ...file.figures[1], band: 3 }] };
  expect(() => parseResults(JSON.stringify(wrong))).toThrow("results.json: figure 2 is {");
});
