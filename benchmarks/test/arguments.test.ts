import { expect, test } from "vitest";
import { parsePlan } from "../src/arguments.ts";

test("without arguments everything is measured, and complete", () => {
  expect(parsePlan([])).toEqual({
    effort: "normal",
    workloads: ["S1", "S2", "S3", "S4", "S5"],
    compile: true,
    recurrence: true,
    gpu: true,
    trainer: true,
    complete: true,
  });
});

test("names choose parts, which are not complete", () => {
  expect(parsePlan(["S3", "trainer", "S1", "--full"])).toEqual({
    effort: "full",
    workloads: ["S1", "S3"],
    compile: false,
    recurrence: false,
    gpu: false,
    trainer: true,
    complete: false,
  });
});

test("recurrences alone", () => {
  expect(parsePlan(["recurrence"])).toEqual({
    effort: "normal",
    workloads: [],
    compile: false,
    recurrence: true,
    gpu: false,
    trainer: false,
    complete: false,
  });
});

test("--quick leaves out what takes long", () => {
  expect(parsePlan(["--quick"])).toMatchObject({
    effort: "quick",
    workloads: ["S1", "S2", "S3"],
    compile: false,
    recurrence: false,
    gpu: false,
    trainer: false,
    complete: false,
  });
});

test.each([["S6"], ["--fast"], ["--toString"], ["toString"], ["--quick", "--full"]])(
  "%s %s makes no plan",
  (...args) => {
    expect(parsePlan(args)).toBeUndefined();
  },
);
