import { expect, test } from "vitest";
import {
  bandOf,
  bandOfMedians,
  lowerQuartile,
  median,
  minimum,
  summarize,
  together,
} from "../src/statistics.ts";

test("the median is the middle sample, or the mean of the two middle ones, whatever their order", () => {
  expect(median([3])).toBe(3);
  expect(median([10, 9, 100])).toBe(10);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});

test("taking a median leaves the samples as they were", () => {
  const samples = [3, 1, 2];
  median(samples);
  expect(samples).toEqual([3, 1, 2]);
});

test("no samples have neither median nor minimum", () => {
  expect(() => median([])).toThrow("no samples");
  expect(() => minimum([])).toThrow("no samples");
});

test("the lower quartile leaves out a quarter of the samples", () => {
  expect(lowerQuartile([9, 0, 2, 3, 1, 8, 7, 6])).toBe(2);
  expect(lowerQuartile([5, 4, 6])).toBe(4);
  expect(() => lowerQuartile([])).toThrow("no samples");
});

test("the noise band spans the medians of the turns, not their outliers", () => {
  expect(bandOfMedians([[1, 2, 90], [3], [2.5, 2.5]])).toEqual({ low: 2, high: 3 });
  expect(bandOf([7, 5, 6])).toEqual({ low: 5, high: 7 });
});

test("a summary takes all turns together", () => {
  const turns = [[5, 1], [4], [2, 3, 6]];
  expect(summarize(turns)).toEqual({
    min: 1,
    median: 3.5,
    band: { low: 3, high: 4 },
    minima: [1, 4, 2],
    samples: 6,
  });
});

test("summaries of several processes make one", () => {
  const [first, second] = [summarize([[5, 1], [4]]), summarize([[2, 3, 6]])];
  expect(together([first, second])).toEqual({
    min: 1,
    median: 3.5,
    band: { low: 3, high: 4 },
    minima: [1, 4, 2],
    samples: 6,
  });
  expect(together([first])).toEqual(first);
  expect(() => together([])).toThrow("no samples");
});
