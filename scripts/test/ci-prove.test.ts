import { expect, test } from "vitest";
import { objection, plant } from "../ci-prove.mjs";

const fault = { name: "f", file: "x.ts", find: "a + b", replace: "a - b", expect: /sum\.test/ };

test("a fault replaces its text, or goes to the end of the file", () => {
  expect(plant("return a + b;", fault)).toBe("return a - b;");
  expect(plant("one\n", { name: "f", file: "x.ts", replace: "two\n", expect: /x/ })).toBe(
    "one\ntwo\n",
  );
});

test("a fault whose text is gone, or not the only one, is an error", () => {
  expect(() => plant("return sum;", fault)).toThrow('fault "f": its text does not occur in x.ts');
  expect(() => plant("a + b; a + b;", fault)).toThrow("occurs more than once");
});

test("a fault is caught when the run fails, counts it and names it", () => {
  const output = "FAIL sum.test.ts\n3 passed, 1 failed\n";
  expect(objection(fault, { exitCode: 1, output })).toBeUndefined();
  expect(objection(fault, { exitCode: 0, output })).toContain("in spite of");
  expect(objection(fault, { exitCode: 1, output: "4 passed, 0 failed" })).toContain("in spite of");
  expect(objection(fault, { exitCode: 1, output: "3 passed, 1 failed" })).toContain(
    "without saying",
  );
  expect(objection(fault, { exitCode: 1, output: "FAIL sum.test.ts" })).toContain("last line");
  expect(objection(undefined, { exitCode: 1, output })).toContain("without a fault");
});
