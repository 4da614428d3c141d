import { expect, test } from "vitest";
import { graphFigures, timeToPeak, type GraphResult } from "../src/graph-size.ts";
import { graphSection } from "../src/report-graph.ts";
import { rowsOf } from "./rows-of.ts";

test("the peak is reached before three calls in a row near the best", () => {
  expect(timeToPeak([100, 50, 10, 20, 11, 10, 12, 10])).toBe(180);
  expect(timeToPeak([10, 10, 10])).toBe(0);
});

test("calls that never settle take all their time", () => {
  expect(timeToPeak([10, 30, 10, 30])).toBe(80);
});

function result(count: number, compile: readonly number[]): GraphResult {
  const rest = { build: 1, firstCall: 3, toPeak: 40, peak: 0.5 };
  const samples = compile.map((time) => ({ applications: 2 * count, compile: time, ...rest }));
  return { kind: "layers", count, samples };
}
const results = [result(10, [20, 30, 40]), result(100, [400, 300, 200])];

test("each graph has a row", () => {
  const lines = graphSection(results);
  expect(rowsOf(lines, "layers, 100")).toEqual([
    expect.stringMatching(/ 200 .* 1\.00 .* 300 .* 200\.\.400 .* 3\.00 .* 40\.0 .* 0\.500 \|/),
  ]);
});

test("figures: compile times, and their growth by node", () => {
  const figures = graphFigures(results).map(({ name, value }) => [name, value]);
  expect(figures).toEqual([
    ["layers, 10: compile", 30],
    ["layers, 100: compile", 300],
    ["layers: compile per node, 100 / 10", 1],
  ]);
});
