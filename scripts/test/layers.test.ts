import { expect, test } from "vitest";
import { checkLayers, checkLengths } from "../layer-rules.mjs";
import { longestFile, table } from "../layers.mjs";
import { readPrograms, readSources } from "../syntax.mjs";
import { plantTree } from "./tree.ts";

const clean = {
  "packages/core/src/errors/errors.ts": `export class ShapeError extends Error {}`,
  "packages/core/src/graph/tensor.ts": `import { ShapeError } from "../errors/errors.ts";
    export const check = () => new ShapeError();`,
  "packages/core/src/loop-ir/types.ts": `export interface Kernel { readonly name: string }`,
  "packages/core/src/ops/add.ts": `import { check } from "../graph/tensor.ts";
    import type { Kernel } from "../loop-ir/types.ts";
    export const add = (kernel: Kernel) => [kernel, check()];`,
  "packages/core/src/index.ts": `export { add } from "./ops/add.ts";`,
  "packages/gpu/src/index.ts": `export * from "@scan-train/core/backend-kit";`,
  "packages/workers/src/shards.ts": `import { add } from "@scan-train/core"; export const shards = add;`,
  "packages/workers/src/browser.ts": `import { wrap } from "comlink";
    import { shards } from "./shards.ts"; export const browser = [wrap, shards];`,
  "packages/workers/src/node.ts": `import { availableParallelism } from "node:os";
    import { shards } from "./shards.ts"; export const node = [availableParallelism, shards];`,
  "packages/cli/src/names.ts": `import names from "@stdlib/names/data/names.json" with { type: "json" };
    import { shards } from "@scan-train/workers"; export const all = [names, shards];`,
  "packages/cli/src/job.ts": `export { all } from "./names.ts";`,
  "packages/cli/src/main.ts": `import { Command } from "commander"; export const main = Command;`,
};

/** The faults of the clean tree with some files added or replaced, as "file:line rule message". */
function faultsWith(planted: Readonly<Record<string, string>>): string[] {
  const sources = readSources(plantTree({ ...clean, ...planted }));
  return checkLayers(sources, table).map(
    ({ file, line, rule, message }) => `${file}:${line} ${rule} ${message}`,
  );
}

test("a tree that keeps to the layers has no fault", () => {
  expect(faultsWith({})).toEqual([]);
});

test.each([
  ["a static import", `import { add } from "../ops/add.ts"; export const x = add;`],
  ["a type import", `import type { add } from "../ops/add.ts"; export type X = typeof add;`],
  ["a re-export", `\n\nexport { add } from "../ops/add.ts";`],
  ["a star re-export", `export * from "../ops/add.ts";`],
  ["a dynamic import", `export const load = () => import("../ops/add.ts");`],
  ["an import in a type", `export type X = typeof import("../ops/add.ts").add;`],
])("an upward import by %s is a fault", (_how, text) => {
  const faults = faultsWith({ "packages/core/src/graph/up.ts": text });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(
    /^packages\/core\/src\/graph\/up\.ts:[13] upward-import "\.\.\/ops\/add\.ts" is in ops; graph may import only errors, size$/,
  );
});

test("two leaves do not import each other", () => {
  const text = `import type { Kernel } from "../loop-ir/types.ts"; export type K = Kernel;`;
  expect(faultsWith({ "packages/core/src/graph/k.ts": text })).toEqual([
    expect.stringContaining("graph/k.ts:1 upward-import"),
  ]);
});

test("a cycle is a fault that names its files, even when made of types", () => {
  const faults = faultsWith({
    "packages/core/src/graph/a.ts": `import { b } from "./b.ts"; export const a = () => b;`,
    "packages/core/src/graph/b.ts": `import { c } from "./c.ts"; export const b = () => c;`,
    "packages/core/src/graph/c.ts": `import type { a } from "./a.ts"; export let c: typeof a;`,
  });
  expect(faults).toEqual([
    "packages/core/src/graph/a.ts:1 import-cycle core/graph/a.ts -> core/graph/b.ts -> core/graph/c.ts -> core/graph/a.ts",
  ]);
});

test("a folder or file of core without a row in the table is a fault", () => {
  const faults = faultsWith({
    "packages/core/src/utils/pad.ts": `export const pad = 1;`,
    "packages/core/src/extra.ts": `export const extra = 1;`,
  });
  expect(faults).toEqual([
    expect.stringContaining(`extra.ts:1 unknown-layer "extra.ts"`),
    expect.stringContaining(`pad.ts:1 unknown-layer "utils"`),
  ]);
});

test.each([
  ["core", "packages/core/src/graph/x.ts", `import "node:fs";`],
  ["core", "packages/core/src/graph/x.ts", `import "../../../gpu/src/index.ts";`],
  ["gpu", "packages/gpu/src/x.ts", `import "@scan-train/core";`],
  ["workers", "packages/workers/src/x.ts", `import "commander";`],
  ["workers", "packages/workers/src/x.ts", `import "@scan-train/core/src/graph/tensor.ts";`],
  ["browser files of workers", "packages/workers/src/browser-thread.ts", `import "node:os";`],
  ["browser files of workers", "packages/workers/src/shards.ts", `import "piscina";`],
  ["browser files of cli", "packages/cli/src/job.ts", `import "node:fs";`],
  ["browser files of cli", "packages/cli/src/job.ts", `import "@scan-train/workers/node";`],
  ["browser files of cli", "packages/cli/src/names.ts", `import "commander";`],
  ["cli", "packages/cli/src/x.ts", `import "@scan-train/core/dist/graph/tensor.js";`],
])("a foreign import in %s is a fault: %s %s", (who, file, text) => {
  const faults = faultsWith({ [file]: text });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`${file}:1 foreign-import`);
  expect(faults[0]).toContain(`${who} may import`);
});

test("a default export is a fault, by either spelling", () => {
  const faults = faultsWith({
    "packages/gpu/src/a.ts": `export default 1;`,
    "packages/gpu/src/b.ts": `const one = 1;\nexport { one as default };`,
  });
  expect(faults).toEqual([
    "packages/gpu/src/a.ts:1 default-export export it by its name",
    "packages/gpu/src/b.ts:2 default-export export it by its name",
  ]);
});

test("a file of more than 400 lines is a fault unless it is a generated table, wherever people write", () => {
  const lines = (count: number) => "export {};\n".repeat(count);
  const root = plantTree({
    "packages/gpu/src/full.ts": lines(400),
    "packages/gpu/src/long.ts": lines(401),
    "packages/gpu/src/table.ts": `// generated table of roots\n${lines(500)}`,
    "packages/gpu/test/api/cases.ts": lines(402),
    "packages/gpu/test/values.ts": `// generated table of values\n${lines(500)}`,
    "packages/gpu/dist/long.js": lines(500),
    "scripts/test/run.test.ts": lines(403),
    "benchmarks/test/main.test.ts": lines(404),
    "benchmarks/node_modules/peer/index.js": lines(500),
    "docs/docs.test.ts": lines(405),
    "examples/rnn.ts": lines(406),
  });
  const faults = checkLengths(readPrograms(root), longestFile);
  expect(faults.map(({ file, line, rule, message }) => `${file}:${line} ${rule} ${message}`))
    .toMatchInlineSnapshot(`
      [
        "packages/gpu/src/long.ts:401 long-file 401 lines, and 400 are allowed; make it two files",
        "packages/gpu/test/api/cases.ts:401 long-file 402 lines, and 400 are allowed; make it two files",
        "scripts/test/run.test.ts:401 long-file 403 lines, and 400 are allowed; make it two files",
        "benchmarks/test/main.test.ts:401 long-file 404 lines, and 400 are allowed; make it two files",
        "docs/docs.test.ts:401 long-file 405 lines, and 400 are allowed; make it two files",
        "examples/rnn.ts:401 long-file 406 lines, and 400 are allowed; make it two files",
      ]
    `);
});
