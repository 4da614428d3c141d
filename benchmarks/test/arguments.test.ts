import { expect, test } from "vitest";
import { complaint, parsePlan } from "../src/arguments.ts";
import { partNames, quickParts } from "../src/part-names.ts";

test("without arguments everything is measured, and complete", () => {
  expect(parsePlan([])).toEqual({
    effort: "normal",
    workloads: ["S1", "S2", "S3", "S4", "S5"],
    parts: partNames,
    isCheck: false,
    complete: true,
  });
});

test("names choose parts, which are not complete", () => {
  expect(parsePlan(["S3", "trainer", "S1", "recurrence", "--full"])).toEqual({
    effort: "full",
    workloads: ["S1", "S3"],
    parts: ["recurrence", "trainer"],
    isCheck: false,
    complete: false,
  });
});

test("--quick leaves out what takes long", () => {
  expect(parsePlan(["--quick"])).toMatchObject({
    effort: "quick",
    workloads: ["S1", "S2", "S3"],
    parts: quickParts,
    complete: false,
  });
});

test("--losses is about libraries alone", () => {
  expect(parsePlan(["--losses"])).toMatchObject({
    effort: "losses",
    workloads: ["S1", "S2", "S3", "S4", "S5"],
    parts: [],
    complete: false,
  });
});

test("--check measures everything or what is named, and writes nothing", () => {
  expect(parsePlan(["--check"])).toMatchObject({
    effort: "normal",
    parts: partNames,
    isCheck: true,
    complete: false,
  });
  expect(parsePlan(["compile", "--check", "--quick"])).toMatchObject({
    effort: "quick",
    workloads: [],
    parts: ["compile"],
    isCheck: true,
  });
});

test.each([
  [["S6"], "there is no workload or part S6"],
  [["S1", "--fast"], "there is no option --fast"],
  [["--toString"], "there is no option --toString"],
  [["toString"], "there is no workload or part toString"],
  [["--quick", "--full"], "--quick --full do not go together"],
  [["--check", "--losses"], "--check --losses do not go together"],
])("%j makes no plan: %s", (args, why) => {
  expect(parsePlan(args)).toBeUndefined();
  expect(complaint(args)).toBe(why);
});
