import { expect, test } from "vitest";
import {
  gemmFigures,
  gigaflopsPerSecond,
  productGigaflop,
  waysOf,
  type GemmResult,
} from "../src/gemm.ts";
import { gemmSection } from "../src/report-gemm.ts";
import { rowsOf } from "./rows-of.ts";
import { summaryOf } from "./summary-of.ts";

const result: GemmResult = {
  shape: [10, 100, 1000],
  ways: [
    { name: "W shared", summary: summaryOf({ min: 0.1, minima: [0.1, 0.2] }) },
    { name: "a peer", summary: summaryOf({ min: 0.4, minima: [0.5, 0.4] }) },
  ],
};

test("a product is two flops for each of its m k n pairs", () => {
  expect(productGigaflop([10, 100, 1000])).toBe(0.002);
  expect(gigaflopsPerSecond([10, 100, 1000], { min: 0.1 })).toBeCloseTo(20);
});

test("each shape has a row of rates", () => {
  expect(rowsOf(gemmSection([result]), "1000")).toEqual([
    "| 10 x 100 x 1000 |     20.0 |   5.00 |",
  ]);
});

test("each way is measured in several processes", () => {
  const later: GemmResult = {
    ...result,
    ways: [
      { name: "W shared", summary: summaryOf({ min: 0.2, minima: [0.2] }) },
      { name: "a peer", summary: summaryOf({ min: 0.3, minima: [0.3] }) },
    ],
  };
  expect(
    waysOf([result, later]).map(({ name, summary }) => [name, summary.min, summary.minima]),
  ).toEqual([
    ["W shared", 0.1, [0.1, 0.2, 0.2]],
    ["a peer", 0.3, [0.5, 0.4, 0.3]],
  ]);
});

test("figures: our rate, and how long others take", () => {
  const [rate, ratio, ...more] = gemmFigures([result]);
  expect(more).toEqual([]);
  expect(rate).toMatchObject({ name: "10 x 100 x 1000", unit: "GFLOP/s", kind: "absolute" });
  expect(rate?.value).toBeCloseTo(20);
  expect(rate?.band.low).toBeCloseTo(10 / 1.25);
  expect(ratio).toMatchObject({ name: "10 x 100 x 1000: a peer / W shared", unit: "x" });
  expect(ratio?.value).toBeCloseTo(4);
});
