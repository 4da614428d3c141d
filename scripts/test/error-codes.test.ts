import { expect, test } from "vitest";
import { codesOf, findUntested, readTests } from "../error-codes.mjs";
import { parse } from "../syntax.mjs";
import { plantTree } from "./tree.ts";

const source = parse(
  "packages/core/src/x.ts",
  `throw new ShapeError("TOO_WIDE", \`\${x} is too wide\`);
   throw new ArgumentError(wide ? "TOO_WIDE" : "TOO_NARROW", "the width is wrong");
   class LostError extends ScanTrainError { constructor() { super("LOST", "it is gone"); } }
   new InternalError("A message is no code"); new Map("NOT_AN_ERROR");`,
);

test("codes are the first arguments of errors", () => {
  expect(codesOf(source).map(({ code, line }) => `${code}:${line}`)).toEqual(
    expect.arrayContaining(["TOO_WIDE:1", "TOO_WIDE:2", "TOO_NARROW:2", "LOST:3"]),
  );
  expect(codesOf(source)).toHaveLength(4);
});

test("a code that no test mentions is a fault, once, at its place", () => {
  const tests = `expect(message).toBe("ShapeError TOO_WIDE: 3 is too wide"); // LOST`;
  expect(findUntested([source], tests).map(({ line, message }) => `${line} ${message}`)).toEqual([
    "2 no test mentions TOO_NARROW; hold its message to an inline snapshot",
    "3 no test mentions LOST; hold its message to an inline snapshot",
  ]);
  expect(findUntested([source], `${tests} code: "LOST" 'TOO_NARROW'`)).toEqual([]);
});

test("tests are the sources and snapshots under the packages' test folders", () => {
  const root = plantTree({
    "packages/core/test/api/a.test.ts": "ONE:",
    "packages/core/test/__snapshots__/a.test.ts.snap": "TWO:",
    "packages/core/src/a.ts": "THREE:",
    "packages/gpu/src/b.ts": "FOUR:",
  });
  expect(readTests(root).split("\n").toSorted()).toEqual(["ONE:", "TWO:"]);
});
