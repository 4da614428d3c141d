import { expect, test } from "vitest";
import { reportText, type Results } from "../src/report.ts";

const rate = { step: 20, sequencesPerSecond: 1500, tokensPerSecond: 96000, waste: 0.015 };

const results: Results = {
  machine: { cpu: "Some CPU", cores: 2, gigabytes: 24, system: "Linux x64", node: "20", v8: "11" },
  date: "2024-01-31",
  command: "npm run bench",
  load: [0.1, 1.234],
  quiet: true,
  steps: [
    {
      workload: "S3",
      gigaflop: 0.91,
      expected: [4.1],
      contestants: [
        {
          name: "scan-train",
          firstStep: 250,
          losses: [4.1],
          summary: { min: 24.3, median: 25.2, band: { low: 25, high: 26 }, samples: 80 },
        },
        {
          name: "a peer",
          firstStep: 4400,
          losses: [4.1],
          summary: { min: 121.5, median: 130, band: { low: 129, high: 140 }, samples: 16 },
        },
      ],
    },
  ],
  compile: [
    { sizes: "T 16, B 8", build: 30, compile: 240, firstStep: 5, band: { low: 230, high: 260 } },
  ],
  recurrence: [
    {
      what: "the sum of h",
      ways: [
        {
          name: "loop",
          summary: { min: 0.45, median: 0.47, band: { low: 0.46, high: 0.48 }, samples: 900 },
        },
        {
          name: "associative",
          summary: { min: 0.1, median: 0.11, band: { low: 0.11, high: 0.11 }, samples: 4000 },
        },
      ],
    },
  ],
  gpu: {
    adapter: "someone's",
    reason: "",
    isSoftware: false,
    encode: [
      {
        counters: "immediates",
        dispatches: 512,
        milliseconds: { min: 2, median: 2.1, band: { low: 2.1, high: 2.2 }, samples: 100 },
      },
    ],
    steps: [
      {
        workload: "S4",
        gigaflop: 13.3,
        gpu: { min: 4, median: 4.2, band: { low: 4.1, high: 4.3 }, samples: 100 },
        wasm: { min: 370, median: 380, band: { low: 375, high: 385 }, samples: 10 },
      },
    ],
  },
  throughput: [
    {
      workers: 1,
      plain: 19,
      even: rate,
      ragged: rate,
      band: { low: 20, high: 20.5 },
      raggedBand: { low: 90000, high: 97000 },
    },
    {
      workers: 2,
      plain: 19,
      even: { ...rate, step: 11 },
      ragged: { ...rate, tokensPerSecond: 172800 },
      band: { low: 11, high: 12 },
      raggedBand: { low: 170000, high: 173000 },
    },
  ],
};

const rows = (text: string, column: string): readonly string[] =>
  text.split("\n").filter((line) => line.startsWith("|") && line.includes(column));

test("the report says where its figures come from", () => {
  const text = reportText(results);
  expect(text).toContain("Written by `npm run bench` on 2024-01-31; do not edit by hand.");
  expect(text).toContain("Some CPU, 2 cores, 24 GB, Linux x64");
  expect(text).toContain("Load average 0.10 before and 1.23 after");
  expect(text).not.toContain("busy");
});

test("figures of a busy machine are marked as such", () => {
  expect(reportText({ ...results, quiet: false })).toContain("The machine was busy");
});

test("what stands in for a loop is told in loops", () => {
  const text = reportText(results);
  expect(rows(text, "associative")).toEqual([
    "|              | associative | 0.100 |  0.110 |        0.110 | 4.50 x |",
  ]);
  expect(text).toContain("over 100000 steps");
});

test("peers are set beside our minimum, and our minimum beside the hand-written program", () => {
  const text = reportText(results);
  expect(rows(text, "a peer")).toEqual([
    "|     | a peer     |  122 |    130 |   129..140 |    16 |       4400 |    5.00 x |",
  ]);
  const bound = text
    .split("\n")
    .filter((line) => line.startsWith("| S3") && !line.includes("scan"));
  expect(bound).toEqual(["| S3  |           24.3 |             24.3 |  1.00 |    37.4 |"]);
});

test("the trainer is set beside the plain step, two workers beside one", () => {
  const text = reportText(results);
  expect(rows(text, "1.82 x")).toHaveLength(1);
  expect(rows(text, "1.80 x")).toHaveLength(1);
  expect(rows(text, "1.05 x")).toHaveLength(1);
});

test("parts that were not measured are left out, losses without times are listed", () => {
  const steps = results.steps.map((step) => ({
    ...step,
    contestants: [{ name: "scan-train", firstStep: 1, losses: [4.158948, 4.1589] }],
  }));
  const text = reportText({ ...results, steps, compile: [], throughput: [] });
  expect(text).toContain("4.158948 4.158900");
  expect(text).not.toContain("## Compiling");
  expect(text).not.toContain("## The trainer");
  expect(text.endsWith("|\n")).toBe(true);
});
