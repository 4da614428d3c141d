import { expect, test } from "vitest";
import { cellFigures, perFlop, productFlops } from "../src/cells.ts";
import { cellsSection } from "../src/report-cells.ts";
import { rowsOf } from "./rows-of.ts";
import { summaryOf } from "./summary-of.ts";

test("flops are those of five products for each gate, two of them with the input", () => {
  const sizes = { inputSize: 3, hiddenSize: 5, T: 7, B: 11 };
  const withInput = 2 * 11 * 3 * 5;
  const withState = 2 * 11 * 5 * 5;
  expect(productFlops(1, sizes)).toBe(7 * (2 * withInput + 3 * withState));
  expect(productFlops(4, sizes)).toBe(4 * productFlops(1, sizes));
});

const results = [
  { name: "nn.lstm", gigaflop: 2, summary: summaryOf({ min: 40, minima: [40, 50] }) },
  { name: "half a cell", gigaflop: 1, summary: summaryOf({ min: 24, minima: [30, 24] }) },
];

test("half the flops in 0.6 of the time are 1.2 times as long per flop", () => {
  expect(results.map((result) => results[0] && perFlop(result, results[0]))).toEqual([1, 1.2]);
  expect(rowsOf(cellsSection(results), "half a cell")).toEqual([
    expect.stringContaining(" 1.20 x |"),
  ]);
});

test("the band of a figure is that of the turns, per flop", () => {
  const [figure, ...more] = cellFigures(results);
  expect(more).toEqual([]);
  expect(figure?.value).toBeCloseTo(1.2);
  expect(figure?.band.low).toBeCloseTo(0.96 / 1.15);
  expect(figure?.band.high).toBeCloseTo(1.5 * 1.15);
});
