import { expect, test } from "vitest";
import { mobyDickSentences, sentencesOf } from "../src/moby-dick.ts";

test("a text is cut after its sentences, and where one is too long", () => {
  expect(sentencesOf("Call me Ishmael. Why? Some years ago! A")).toEqual([
    "Call me Ishmael.",
    "Why?",
    "Some years ago!",
  ]);
  expect(sentencesOf("a".repeat(300)).map((part) => part.length)).toEqual([256, 44]);
});

test("the book begins as it does", () => {
  const sentences = mobyDickSentences();
  expect(sentences.length).toBeGreaterThan(5000);
  expect(sentences).toContain("Call me Ishmael.");
  expect(Math.max(...sentences.map((sentence) => sentence.length))).toBe(256);
});
