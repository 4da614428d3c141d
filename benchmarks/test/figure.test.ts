import { expect, test } from "vitest";
import { exactFigure, medianFigure, minimumFigure, ratioOfTurns } from "../src/figure.ts";
import { summaryOf } from "./summary-of.ts";

const named = { part: "S1", name: "a figure" };

test("a ratio is one of minima; its band spans the turns, and a margin beyond them", () => {
  const long = summaryOf({ min: 8, minima: [8, 12] });
  const short = summaryOf({ min: 2, minima: [4, 2] });
  const { value, unit, kind, band } = ratioOfTurns(named, long, short);
  expect({ value, unit, kind }).toEqual({ value: 4, unit: "x", kind: "ratio" });
  expect(band.low).toBeCloseTo(2 / 1.15);
  expect(band.high).toBeCloseTo(6 * 1.15);
});

test("a time has the wider margin", () => {
  const { value, unit, kind, band } = minimumFigure(named, summaryOf({ min: 8, minima: [10, 8] }));
  expect({ value, unit, kind }).toEqual({ value: 8, unit: "ms", kind: "absolute" });
  expect(band.low).toBeCloseTo(8 / 1.25);
  expect(band.high).toBeCloseTo(12.5);
});

test("a figure of several processes is their median", () => {
  const { value, band } = medianFigure({ ...named, unit: "x", kind: "ratio" }, [3, 1, 2]);
  expect(value).toBe(2);
  expect(band.high).toBeCloseTo(3.45);
});

test("an exact figure has no room", () => {
  expect(exactFigure({ ...named, unit: "bytes", kind: "absolute" }, 700).band).toEqual({
    low: 700,
    high: 700,
  });
});
