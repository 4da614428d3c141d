/** The axis of gradient norms. */
import { expect, it } from "vitest";
import { logTicks, tickTexts } from "../src/log-axis.ts";

it("names 1, 2 and 5 where there are few powers of ten", () => {
  const ticks = logTicks(0.1, 10);
  expect(ticks).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
  expect(tickTexts(ticks)).toEqual(["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
});

it("names powers alone where there are more", () => {
  expect(logTicks(0.01, 10)).toEqual([0.01, 0.1, 1, 10]);
  expect(tickTexts([0.01, 0.1, 1, 10])).toEqual(["0.01", "0.1", "1", "10"]);
});

it("leaves powers out, up from the top, where there are many", () => {
  const ticks = logTicks(1e-12, 10);
  expect(ticks).toEqual([1e-11, 1e-9, 1e-7, 1e-5, 1e-3, 0.1, 10]);
  expect(tickTexts(ticks).slice(0, 2)).toEqual(["10⁻¹¹", "10⁻⁹"]);
});

it("has no tick outside a range that begins or ends between two powers", () => {
  expect(logTicks(3e-4, 0.6)).toEqual([1e-3, 0.01, 0.1]);
  expect(logTicks(2e-12, 9.9)).toEqual([1e-11, 1e-9, 1e-7, 1e-5, 1e-3, 0.1]);
});

it("has ticks for a range within one power", () => {
  expect(logTicks(1, 10)).toEqual([1, 2, 5, 10]);
});
