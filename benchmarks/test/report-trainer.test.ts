import { expect, test } from "vitest";
import { throughputSection } from "../src/report-trainer.ts";
import {
  checkSameBits,
  fastest,
  throughputFigures,
  type Rate,
  type ThroughputResult,
  type ThroughputSample,
} from "../src/throughput.ts";
import { rowsOf } from "./rows-of.ts";

function sample(step: number, plain: number): ThroughputSample {
  const rate = {
    step,
    sequencesPerSecond: 30 / step,
    tokensPerSecond: 900 / step,
    waste: 0.015,
    loss: 4,
  };
  return { rate, plain };
}

const s3: ThroughputResult = {
  name: "S3",
  one: [sample(20, 19), sample(19, 19), sample(38, 30)],
  two: [sample(10, 9.6), sample(10, 9.7), sample(20, 15.1)],
};
const names: ThroughputResult = {
  name: "names",
  one: [sample(3, 19), sample(3, 19)],
  two: [sample(2, 10), sample(2, 10)],
};

test("the trainer is set beside the plain step, two workers beside one, round by round", () => {
  const [row, ...more] = rowsOf(throughputSection([s3, names]), "S3 ");
  expect(more).toEqual([]);
  expect(row).toMatch(
    /\| S3 .* 19\.0 .* 20\.0 .* 10\.0 .* 1\.05 x .* 1\.90 x .* 1\.90\.\.2\.00 .* 1\.98 x .* 0\.970 x \|/,
  );
});

test("ragged data are told in sequences and steps of time", () => {
  const lines = throughputSection([s3, names]);
  expect(rowsOf(lines, "| names")).toEqual([
    expect.stringMatching(/ 1 .* 10\.0 .* 300 .* 1\.5 % /),
  ]);
  expect(rowsOf(lines, " 1.50 x | ")).toEqual([
    expect.stringMatching(/ 2 .* 15\.0 .* 450 .* 1\.90 x .* 0\.789 x \|/),
  ]);
});

test("its figures are medians over rounds of processes", () => {
  const figures = throughputFigures([s3, names]).map(({ name, unit, value }) => [
    name,
    unit,
    value,
  ]);
  expect(figures).toEqual([
    ["S3: 1 worker / plain step", "x", 20 / 19],
    ["S3: 1 / 2 workers, of the machine's", "x", expect.closeTo(1.9 / (19 / 9.7), 9)],
    ["names: 1 worker", "sequences/s", 10],
    ["names: 1 / 2 workers, of the machine's", "x", expect.closeTo(1.5 / 1.9, 9)],
  ]);
});

test("the fastest stretch counts, and the loss after the last one", () => {
  const turn = (step: number, loss: number): Rate => ({ ...sample(step, 1).rate, loss });
  expect(fastest([turn(3, 9), turn(2, 8), turn(4, 7)])).toEqual({ ...sample(2, 1).rate, loss: 7 });
  expect(() => fastest([])).toThrow("no stretch was counted");
});

test("a loss that depends on the workers is an error", () => {
  expect(() => checkSameBits(s3)).not.toThrow();
  const [first, ...others] = s3.two;
  const other = { ...sample(10, 9), rate: { ...sample(10, 9).rate, loss: 4.0000001 } };
  expect(first).toBeDefined();
  expect(() => checkSameBits({ ...s3, two: [other, ...others] })).toThrow(
    "S3: the last loss is one of 4, 4.0000001, and must be one",
  );
});
