import { expect, test } from "vitest";
import { stepsSection } from "../src/report-steps.ts";
import type { StepResult } from "../src/step-result.ts";
import { stepFigures, withLater } from "../src/steps.ts";
import { rowsOf } from "./rows-of.ts";
import { summaryOf } from "./summary-of.ts";

const s3: StepResult = {
  workload: "S3",
  gigaflop: 0.91,
  expected: [4.1],
  contestants: [
    {
      name: "scan-train",
      firstStep: 250,
      losses: [4.1],
      summary: summaryOf({ min: 24.3, median: 25.2, minima: [24.3, 25], samples: 80 }),
    },
    {
      name: "a peer",
      firstStep: 4400,
      losses: [4.1],
      summary: {
        min: 121.5,
        median: 130,
        band: { low: 129, high: 140 },
        minima: [130, 121.5],
        samples: 16,
      },
    },
  ],
};

test("peers are set beside our minimum, and our minimum beside the hand-written program", () => {
  const lines = stepsSection([s3]);
  expect(rowsOf(lines, "a peer")).toEqual([
    "|     | a peer     |  122 |    130 |   129..140 |    16 |       4400 |    5.00 x |",
  ]);
  const bound = lines.filter((line) => line.startsWith("| S3") && !line.includes("scan"));
  expect(bound).toEqual(["| S3  |           24.3 |             24.3 |  1.00 |    37.4 |"]);
});

test("losses without times are listed", () => {
  const contestants = [{ name: "scan-train", firstStep: 1, losses: [4.158948, 4.1589] }];
  const lines = stepsSection([{ ...s3, contestants }]);
  expect(lines.join("\n")).toContain("4.158948 4.158900");
});

test("the figures are our time and the ratios of minima", () => {
  const [own, peer, ...more] = stepFigures(s3);
  expect(more).toEqual([]);
  expect(own).toMatchObject({ part: "S3", name: "scan-train", unit: "ms", kind: "absolute" });
  expect(peer).toMatchObject({ part: "S3", name: "a peer / scan-train", value: 5, kind: "ratio" });
});

test("losses alone are no figures", () => {
  const contestants = [{ name: "scan-train", firstStep: 1, losses: [4.1] }];
  expect(stepFigures({ ...s3, contestants })).toEqual([]);
});

test("what is measured again adds its turns", () => {
  const contestants = s3.contestants.map((one) => ({
    ...one,
    firstStep: 1,
    summary: summaryOf({ min: 25, minima: [26, 25], samples: 20 }),
  }));
  const both = withLater(s3, { ...s3, contestants }).contestants;
  expect(both.map(({ firstStep }) => firstStep)).toEqual([250, 4400]);
  expect(both.map(({ summary }) => [summary?.min, summary?.samples])).toEqual([
    [24.3, 100],
    [25, 36],
  ]);
  expect(both[0]?.summary?.minima).toEqual([24.3, 25, 26, 25]);
});

test("what is measured once, or not timed, stays as it is", () => {
  const contestants = [{ name: "scan-train", firstStep: 1, losses: [4.1] }];
  expect(withLater(s3, undefined).contestants[0]?.summary).toMatchObject({
    min: 24.3,
    samples: 80,
  });
  expect(withLater({ ...s3, contestants }, undefined).contestants).toEqual(contestants);
});
