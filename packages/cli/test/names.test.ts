import { expect, test } from "vitest";
import { fitBaselines, scoreBaseline } from "../src/data/baselines.ts";
import { normaliseName, readNames } from "../src/data/names.ts";
import { fnv1a, splitExamples } from "../src/data/split.ts";
import type { Task } from "../src/data/task.ts";

const task: Task = { input: "text", target: "label" };

test("names are normalised", () => {
  expect(["Alice", "Ann-Marie", "Zoë", "O'Neil", "42"].map(normaliseName)).toEqual([
    "alice",
    "annmarie",
    "zoe",
    "oneil",
    "",
  ]);
});

test("no name is both male and female, and they come in alphabetical order", () => {
  const names = readNames().map(({ input }) => String(input));
  expect(names).toHaveLength(7986);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(names.toSorted());
});

test("the hash is FNV-1a", () => {
  expect([fnv1a(""), fnv1a("a"), fnv1a("foobar")]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
});

test("the split is the hash's, about 80 / 10 / 10", () => {
  const split = splitExamples(readNames(), { validation: 0.1, test: 0.1 });
  expect([split.train.length, split.validation.length, split.test.length]).toEqual([
    6358, 818, 810,
  ]);
});

test("an example keeps its part when others go", () => {
  const names = readNames();
  const fractions = { validation: 0.1, test: 0.1 };
  const half = splitExamples(
    names.filter((_, index) => index % 2 === 0),
    fractions,
  );
  const whole = new Set(splitExamples(names, fractions).test);
  expect(half.test.every((example) => whole.has(example))).toBe(true);
});

test("the baselines of the names job: majority and last letter", () => {
  const { train, test: held } = splitExamples(readNames(), { validation: 0.1, test: 0.1 });
  const scores = fitBaselines(task, train).map((rule) => scoreBaseline(task, rule, held));
  expect(scores.map(({ name, score }) => `${name} ${(100 * score).toFixed(1)}`)).toEqual([
    "majority 56.0",
    "last letter 78.8",
  ]);
});

test("baselines of other tasks", () => {
  const next: Task = { input: "text", target: "next" };
  const texts = ["aba", "abb", "b"].map((input) => ({ input, target: undefined }));
  // After a: b, b, end. After b: a, b, end, end. At the start: a, a, b.
  const [rule] = fitBaselines(next, texts);
  expect(rule).toEqual({
    name: "last character",
    kind: "this-character",
    table: { answers: { "": "a", a: "b", b: "" }, otherwise: "b" },
  });
  if (rule !== undefined) expect(scoreBaseline(next, rule, texts).score).toBe(6 / 10);

  const numbers: Task = { input: "numbers", target: "number" };
  const examples = [1, 3, 8].map((target) => ({ input: [[0]], target }));
  const [mean] = fitBaselines(numbers, examples);
  expect(mean).toEqual({ name: "mean", kind: "constant", answer: [4] });
  if (mean !== undefined) {
    expect(scoreBaseline(numbers, mean, examples).score).toBeCloseTo(26 / 3, 12);
  }
});
