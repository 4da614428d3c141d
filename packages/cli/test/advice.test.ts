/** What the end of a run says where its result is not to be trusted. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../src/render/events.ts";
import { adviceOn } from "../src/train/advice.ts";
import { temporaryFolder } from "./fake-terminal.ts";
import { jsonl, labelOf, succeed, words } from "./run-command.ts";

const result = (accuracy: number, rows: number): Result => ({
  part: "test",
  rows,
  scores: { loss: 0.5, metrics: { accuracy } },
  metric: "accuracy",
  baselines: [
    { name: "majority", score: 0.6 },
    { name: "last letter", score: 0.7 },
  ],
});
const training = { batch: 64, epochs: 15 };

test("a result that a rule reaches is told with the rule, and with more updates where few were made", () => {
  const told = (accuracy: number, updates: number, sequences: number): string[] =>
    adviceOn({ result: result(accuracy, 100), updates, sequences, training });
  expect(told(0.7, 15, 48)).toEqual([
    'no better than the rule "last letter": only 15 updates were made; try --batch 8 --epochs 60',
  ]);
  expect(told(0.65, 1, 5)).toEqual([
    'no better than the rule "last letter": only 1 update was made; try --batch 1 --epochs 70',
  ]);
  expect(told(0.65, 1500, 6358)).toEqual(['no better than the rule "last letter"']);
  expect(told(0.71, 15, 48)).toEqual([]);
});

test("the error of numbers is better where it is smaller", () => {
  const numbers = (score: number): string[] =>
    adviceOn({
      result: {
        ...result(0, 100),
        metric: "squared error",
        scores: { loss: 1, metrics: { "squared error": score } },
        baselines: [{ name: "mean", score: 0.5 }],
      },
      updates: 1000,
      sequences: 1000,
      training,
    });
  expect([numbers(0.4), numbers(0.5)]).toEqual([[], ['no better than the rule "mean"']]);
});

test("few test rows prove little, whatever they say", () => {
  const told = (rows: number): string[] =>
    adviceOn({ result: result(1, rows), updates: 1000, sequences: 1000, training });
  expect(told(6)).toEqual([
    "6 test rows prove little: get more data, or take a larger --test-fraction",
  ]);
  expect(told(1)).toEqual([
    "1 test row proves little: get more data, or take a larger --test-fraction",
  ]);
  expect(told(30)).toEqual([]);
});

test("labels that stand in one row are told: they may be misspelt", async () => {
  const folder = temporaryFolder();
  const train = async (labels: readonly string[]): Promise<string> => {
    const rows = words(60).map((text, i) => ({ text, label: labels[i] ?? labelOf(text) }));
    writeFileSync(join(folder, "my.jsonl"), jsonl(rows));
    const printed = await succeed(folder, "train --data my.jsonl --epochs 1 --workers 1");
    return /^note: (.*)$/m.exec(printed)?.[1] ?? "";
  };
  expect(await train([])).toBe("");
  expect(await train(["vowle"])).toBe('the label "vowle" stands in one row only: is it misspelt?');
  expect(await train(["a", "b", "c", "d", "e"])).toBe(
    'the labels "a", "b", "c", and 2 more stand in one row each: are they misspelt?',
  );
});

test("a run on few rows ends with advice that helps", async () => {
  const folder = temporaryFolder();
  const rows = words(60).map((text) => ({ text, label: labelOf(text.slice(0, 1)) }));
  writeFileSync(join(folder, "my.jsonl"), jsonl(rows));
  const train = async (options: string): Promise<string[]> => {
    const printed = await succeed(folder, `train --data my.jsonl --workers 1 ${options}`);
    return [...printed.matchAll(/^note {5}(.*)$/gm)].map(([, line = ""]) => line);
  };
  const [first = "", second = "", ...others] = await train("--epochs 1 --lr 0.000001");
  const [, better] =
    /^no better than the rule ".*": only 1 update was made; try (.*)$/.exec(first) ?? [];
  expect(better).toMatch(/^--batch 8 --epochs \d\d$/);
  expect(second).toMatch(/^\d+ test rows? proves? little: /);
  expect(others).toEqual([]);
  expect(await train(better ?? "")).toEqual([second]);
});
