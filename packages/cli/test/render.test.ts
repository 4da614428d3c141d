import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { barRenderer } from "../src/render/bar.ts";
import type { Renderer, RunEvent } from "../src/render/events.ts";
import { formatCount, formatNumber, formatPercent, formatSeconds } from "../src/render/format.ts";
import { logHeader, logRenderer, metricsRenderer } from "../src/render/json-lines.ts";
import { plainRenderer } from "../src/render/plain.ts";
import { ProgressMeter } from "../src/render/progress.ts";
import { fakeTerminal, temporaryFolder } from "./fake-terminal.ts";

const start = {
  kind: "start",
  parameters: 31_425,
  backend: "wasm",
  workers: 2,
  shards: 16,
  sequences: 100,
  epochs: 2,
  steps: 2,
} as const;
const step = { kind: "step", steps: 2, penalty: 0, gradientNorm: 1, seconds: 0.1 } as const;
const first = {
  ...step,
  epoch: 1,
  step: 1,
  loss: 0.5,
  metrics: { accuracy: 0.8 },
  weight: 30,
  sequences: 30,
  tokens: 90,
  waste: 0.1,
};
const second = {
  ...step,
  epoch: 1,
  step: 2,
  loss: 0.3,
  metrics: { accuracy: 0.9 },
  weight: 10,
  sequences: 10,
  tokens: 60,
  waste: 0.4,
};
const epochEnd = {
  kind: "epoch-end",
  epoch: 1,
  loss: 0.45,
  metrics: { accuracy: 0.825 },
  sequences: 40,
  tokens: 150,
  waste: 0.25,
  seconds: 2,
  validation: {
    loss: 0.4,
    metrics: { accuracy: 0.81 },
    sequences: 10,
    tokens: 30,
    waste: 0,
    seconds: 0.1,
  },
} as const;
const shard = { kind: "shard", epoch: 1, step: 1, shard: 3, worker: 1 } as const;
const summary = {
  kind: "summary",
  summary: {
    result: {
      part: "test",
      rows: 810,
      scores: { loss: 0.33, metrics: { accuracy: 0.862 } },
      metric: "accuracy",
      baselines: [
        { name: "majority", score: 0.563 },
        { name: "last letter", score: 0.78 },
      ],
    },
    advice: ["8 test rows prove little"],
    interrupted: false,
    epochs: 2,
    updates: 4,
    seconds: 4.2,
    sequencesPerSecond: 12_345,
    waste: 0.031,
    trainedBy: "with 2 workers",
    folder: "runs/names",
    next: "node packages/cli/bin/scan-train.js predict runs/names Alice Bob",
  },
} as const;

const events: readonly RunEvent[] = [
  { kind: "facts", lines: ["100 names"] },
  start,
  { kind: "epoch-start", epoch: 1, step: 1, steps: 2 },
  first,
  shard,
  { kind: "worker-died", worker: 1, reason: "exit code 1" },
  { kind: "worker-replaced", worker: 1 },
  second,
  epochEnd,
  { kind: "checkpoint", folder: "runs/names", epoch: 1 },
  { kind: "end", reason: "finished", epochs: 2, steps: 4, seconds: 4.2 },
  summary,
];

async function play(renderer: Renderer): Promise<void> {
  for (const event of events) renderer.handle(event);
  await renderer.close();
}

test("plain lines", async () => {
  const terminal = fakeTerminal();
  await play(plainRenderer(terminal));
  expect(terminal.printed()).toMatchInlineSnapshot(`
    "100 names
    start: 31,425 parameters, 2 updates per epoch, 2 workers
    worker 1 died (exit code 1); its work is done again
    epoch 1/2  loss 0.4500  accuracy 82.5 %  validation 0.4000  81.0 %  20 sequences/s  padding 25.0 %
    test     accuracy 86.2 %; baselines: majority 56.3 %, last letter 78.0 %  (loss 0.3300, on 810 rows)
    note     8 test rows prove little
    trained  2 epochs in 4.2 s with 2 workers: 12,345 sequences/s, padding 3.1 %
    saved    runs/names
    next     node packages/cli/bin/scan-train.js predict runs/names Alice Bob
    "
  `);
});

test("plain lines of a run on a GPU", () => {
  const terminal = fakeTerminal();
  const renderer = plainRenderer(terminal);
  renderer.handle({ ...start, backend: "the GPU (someone's)", workers: 1 });
  expect(terminal.printed()).toBe(
    "start: 31,425 parameters, 2 updates per epoch, on the GPU (someone's)\n",
  );
});

test("the bar clears itself and leaves the plain lines", async () => {
  const terminal = fakeTerminal({ interactive: true, env: { NO_COLOR: "1" } });
  await play(barRenderer(terminal, new ProgressMeter(() => 1)));
  await new Promise((resolve) => setImmediate(resolve));
  const printed = terminal.printed();
  expect(printed).toContain("ETA");
  // Without the bar's own pictures and cursor movements, the lines are those of the plain renderer.
  const plain = fakeTerminal();
  await play(plainRenderer(plain));
  for (const line of plain.printed().split("\n")) expect(printed).toContain(line);
});

test("progress: means by weight, pace and time to go", () => {
  let now = 10;
  const meter = new ProgressMeter(() => now);
  meter.take(start);
  meter.take({ kind: "epoch-start", epoch: 1, step: 1, steps: 2 });
  now = 11;
  meter.take(first);
  now = 12;
  expect(meter.take(second)).toEqual({
    epoch: 1,
    epochs: 2,
    stepsDone: 2,
    steps: 4,
    train: { loss: 0.45, metrics: { accuracy: expect.closeTo(0.825, 12) } },
    sequencesPerSecond: 20,
    waste: 0.25,
    remainingSeconds: 2,
  });
});

test("the log holds its version and the events asked for, one a line", async () => {
  const path = join(temporaryFolder(), "log.jsonl");
  await play(await logRenderer(path, "log.jsonl", ["start", "shard"]));
  expect(readFileSync(path, "utf8")).toBe(
    `${logHeader}${JSON.stringify(start)}\n${JSON.stringify(shard)}\n`,
  );
});

test("a log that cannot be written fails at once", async () => {
  const path = join(temporaryFolder(), "none", "log.jsonl");
  await expect(logRenderer(path, "none/log.jsonl", ["start"])).rejects.toThrow(
    "cannot write the log none/log.jsonl: the folder does not exist",
  );
});

test("metrics hold their version, the epochs and the end", async () => {
  const path = join(temporaryFolder(), "metrics.jsonl");
  await play(metricsRenderer(path));
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([{ kind: "log", version: 2 }, epochEnd, summary]);
});

test("numbers for people", () => {
  expect([0, 999, 1000, 1234567.8].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,568"]);
  expect([0.8625, 1, Number.NaN].map(formatPercent)).toEqual(["86.3 %", "100.0 %", "-"]);
  expect([0.04, 9.94, 12.4, 75, 7300].map(formatSeconds)).toEqual([
    "0.0 s",
    "9.9 s",
    "12 s",
    "1:15 min",
    "2:01 h",
  ]);
  expect([0, 0.33333, 12.5, 1234.56, 0.00001, 1e9].map(formatNumber)).toEqual([
    "0.0000",
    "0.3333",
    "12.5000",
    "1234.6",
    "1.000e-5",
    "1.000e+9",
  ]);
});
