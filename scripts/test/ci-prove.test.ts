import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { narrowed, objection, plant } from "../ci-prove.mjs";
import { faults } from "../faults.mjs";

const edit = { file: "x.ts", find: "a + b", replace: "a - b" };
const fault = { name: "f", edits: [edit], expect: /sum\.test/, tests: "a/sum b" };

test("a fault replaces its text, or goes to the end of the file", () => {
  expect(plant("return a + b;", edit, "f")).toBe("return a - b;");
  expect(plant("one\n", { file: "x.ts", replace: "two\n" }, "f")).toBe("one\ntwo\n");
});

test("a fault whose text is gone, or not the only one, is an error", () => {
  expect(() => plant("return sum;", edit, "f")).toThrow(
    'fault "f": its text does not occur in x.ts',
  );
  expect(() => plant("a + b; a + b;", edit, "f")).toThrow("occurs more than once");
});

test.each(faults.map((f) => [f.name, f] as const))("%s: can be planted", (name, { edits }) => {
  for (const planted of edits) {
    const file = fileURLToPath(new URL(`../../${planted.file}`, import.meta.url));
    const text = readFileSync(file, "utf8");
    expect(plant(text, planted, name)).not.toBe(text);
  }
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

test("a run is narrowed to what should catch the faults", () => {
  const { tests: _, ...rest } = fault;
  const layer = { ...rest, check: "layers" };
  expect(narrowed([layer])).toEqual({ SCAN_TRAIN_CI_CHECKS: "layers", SCAN_TRAIN_CI_TESTS: "" });
  expect(narrowed([fault, layer, { ...fault, tests: "b c" }])).toEqual({
    SCAN_TRAIN_CI_CHECKS: "tests layers",
    SCAN_TRAIN_CI_TESTS: "a/sum b c",
  });
});
