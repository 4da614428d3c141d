import { expect, test } from "vitest";
import { throughputSection } from "../src/report-trainer.ts";
import { throughputFigures, type ThroughputResult } from "../src/throughput.ts";
import { rowsOf } from "./rows-of.ts";

const rate = { step: 20, sequencesPerSecond: 1500, tokensPerSecond: 96000, waste: 0.015 };
const sample = (step: number) => ({ plain: 19, even: { ...rate, step }, ragged: rate });

const results: readonly ThroughputResult[] = [
  {
    workers: 1,
    plain: 19,
    even: rate,
    ragged: rate,
    band: { low: 20, high: 20.5 },
    raggedBand: { low: 90000, high: 97000 },
    samples: [sample(20), sample(19), sample(38)],
  },
  {
    workers: 2,
    plain: 19,
    even: { ...rate, step: 11 },
    ragged: { ...rate, tokensPerSecond: 172800 },
    band: { low: 11, high: 12 },
    raggedBand: { low: 170000, high: 173000 },
    samples: [sample(10), sample(10), sample(20)],
  },
];

test("the trainer is set beside the plain step, two workers beside one", () => {
  const lines = throughputSection(results);
  expect(rowsOf(lines, "1.82 x")).toHaveLength(1);
  expect(rowsOf(lines, "1.80 x")).toHaveLength(1);
  expect(rowsOf(lines, "1.05 x")).toHaveLength(1);
});

test("its figures are medians over rounds of processes", () => {
  const [toPlain, speedUp] = throughputFigures(results);
  expect(toPlain?.value).toBeCloseTo(20 / 19);
  expect(speedUp?.value).toBe(1.9);
});
