import { expect, test } from "vitest";
import { countTests } from "../count-tests.mjs";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});

test("passed and failed tests are counted one by one, skipped ones not at all", () => {
  const testResults = [file("failed", "passed", "failed", "skipped"), file("passed", "passed")];
  expect(countTests({ testResults }, false)).toEqual({ passed: 2, failed: 1 });
});

test("a file that does not load is a failure", () => {
  const testResults = [file("failed"), file("passed", "passed")];
  expect(countTests({ testResults }, false)).toEqual({ passed: 1, failed: 1 });
});

test("a failed run without a failed test is a failure, and so is a missing report", () => {
  expect(countTests({ testResults: [file("passed", "passed")] }, false).failed).toBe(1);
  expect(countTests(undefined, false)).toEqual({ passed: 0, failed: 1 });
});
