import { expect, test } from "vitest";
import { manifestFaults, programOf } from "../pack-check.mjs";

test("the program of a page is its ts blocks, with what they print", () => {
  const page = [
    "```sh\nnpm start\n```",
    "```ts\nconsole.log(1);\n// → 1\n```",
    "and\n```ts\nconsole.log(2); // → 2\n```",
  ];
  expect(programOf(page.join("\n"))).toEqual({
    code: "console.log(1);\n// → 1\n\nconsole.log(2); // → 2\n",
    prints: ["1", "2"],
  });
});

test("a tarball must work outside of the workspace", () => {
  const files = ["dist/index.js", "LICENSE", "README.md"];
  const manifest = { exports: { ".": "./dist/index.js" }, dependencies: { a: "^1.0.0" } };
  expect(manifestFaults(manifest, files)).toEqual([]);
  expect(manifestFaults({ dependencies: { a: "workspace:^", b: "catalog:" } }, files)).toEqual([
    "workspace: in package.json",
    "catalog: in package.json",
  ]);
  expect(
    manifestFaults({ exports: { "./nn": { types: "./dist/nn.d.ts" } } }, [
      "README.md",
      "test/a.test.ts",
      "dist/.tsbuildinfo",
    ]),
  ).toEqual([
    "dist/nn.d.ts is missing",
    "LICENSE is missing",
    "test/a.test.ts is there",
    "dist/.tsbuildinfo is there",
  ]);
});
