// The faults that `npm run ci:prove` plants, one at a time, in a clone of HEAD. `.ci/run` must fail on each, and say
// where. A fault that can no longer be planted (its text is gone) is an error: bring it up to date.

import { browserFaults } from "./browser-faults.mjs";
import { coreFaults } from "./core-faults.mjs";
import { memoryFaults } from "./memory-faults.mjs";
import { gpuFaults } from "./gpu-faults.mjs";
import { prefixFaults } from "./prefix-faults.mjs";
import { wasmFaults } from "./wasm-faults.mjs";

/**
 * @typedef {object} Edit
 * @property {string} file the file to break, from the root
 * @property {string} [find] text that must occur in it exactly once; without it, `replace` goes to the file's end
 * @property {string} replace
 */

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {readonly Edit[]} edits
 * @property {RegExp} expect what the output of `.ci/run` must say: the check or test that catches it
 * @property {string} [check] the check that is run besides set-up and build; the tests when absent
 * @property {string} [tests] the paths of the tests that are run, separated by spaces
 */

/** @type {readonly Fault[]} */
export const faults = [
  {
    name: "layer rule: gpu imports more of core than the backend kit",
    edits: [
      {
        file: "packages/gpu/src/index.ts",
        replace: `\nexport * as core from "@scan-train/core";\n`,
      },
    ],
    expect: /packages\/gpu\/src\/index\.ts:\d+ {2}foreign-import: "@scan-train\/core"/,
    check: "layers",
  },
  {
    name: "layer rule: an op imports the api",
    edits: [
      {
        file: "packages/core/src/ops/pow.ts",
        replace: `\nexport { print as planted } from "../api/print.ts";\n`,
      },
    ],
    expect:
      /packages\/core\/src\/ops\/pow\.ts:\d+ {2}upward-import: "\.\.\/api\/print\.ts" is in api/,
    check: "layers",
  },
  {
    name: "file lengths: a test that is too long to read",
    edits: [{ file: "packages/core/test/api/scan.test.ts", replace: "\n".repeat(400) }],
    expect: /packages\/core\/test\/api\/scan\.test\.ts:401 {2}long-file: \d+ lines/,
    check: "layers",
  },
  {
    name: "lint rule: a power by the host, which differs between engines",
    edits: [
      {
        file: "packages/core/src/index.ts",
        replace: `\nexport const planted = (x: number): number => Math.pow(x, 0.3);\n`,
      },
    ],
    expect: /packages\/core\/src\/index\.ts:\d+ {2}banned: Math\.pow/,
    check: "lint",
  },
  {
    name: "an error whose message nobody has read",
    edits: [
      {
        file: "packages/core/src/errors/errors.ts",
        replace: `\nexport const planted = (): Error => new ShapeError("PLANTED", "planted");\n`,
      },
    ],
    expect:
      /packages\/core\/src\/errors\/errors\.ts:\d+ {2}untested-error: no test mentions PLANTED/,
    check: "error-codes",
  },
  {
    name: "package: the manifest promises a file that is not packed",
    edits: [
      {
        file: "packages/core/package.json",
        find: `"default": "./dist/nn.js"`,
        replace: `"default": "./build/nn.js"`,
      },
    ],
    expect: /scan-train-core-.*\.tgz: build\/nn\.js is missing/,
    check: "pack",
  },
  {
    name: "gradient rule: tanh's partial without its square",
    edits: [
      {
        file: "packages/core/src/ops/transcendental.ts",
        find: `transcendental("tanh", reference.tanh, (y) => sub(1, sqr(y)))`,
        replace: `transcendental("tanh", reference.tanh, (y) => sub(1, y))`,
      },
    ],
    expect: /FAIL .*ops\.test\.ts > tanh > has right derivatives/,
    tests: "packages/core/test/ops/ops.test.ts",
  },
  {
    name: "doc example: the README promises another loss",
    edits: [
      {
        file: "README.md",
        find: "console.log(train(data).cost);\n// → f32[] 7.20426",
        replace: "console.log(train(data).cost);\n// → f32[] 7.20427",
      },
    ],
    expect: /FAIL .*docs\.test\.ts > .*README\.md prints what it says/,
    tests: "docs/docs.test.ts",
  },
  {
    name: "mask: select becomes multiplication, so that NaN in padding comes through",
    edits: [
      {
        file: "packages/core/src/api/scan/padding.ts",
        find: `import { add, maximum, minimum, sub } from`,
        replace: `import { add, maximum, minimum, mul, sub } from`,
      },
      {
        file: "packages/core/src/api/scan/padding.ts",
        find: "return where(beside(mask, x), x, zerosLike(x));",
        replace: "return mul(x, cast(beside(mask, x), zerosLike(x).dtype));",
      },
    ],
    expect: /FAIL .*padding\.test\.ts > padded by \d more steps filled with NaN/,
    tests: "packages/core/test/runtime/padding.test.ts",
  },
  {
    name: "split: the last of several terms of a weight's gradient is lost",
    edits: [
      {
        file: "packages/core/src/rewrite/step-products.ts",
        find: "sums.reduce(add, replaced.get(final) ?? carry.initial)",
        replace: "sums.slice(0, 1).reduce(add, replaced.get(final) ?? carry.initial)",
      },
    ],
    expect: /FAIL .*packages\/core\/test\/rewrite\/passes\.test\.ts > sink/,
    tests: "packages/core/test/rewrite",
  },
  {
    name: "storage: a buffer read in a loop is given away after its first step",
    edits: [
      {
        file: "packages/core/src/lower/storage.ts",
        find: "          else note(buffer, start, position);",
        replace: "          else note(buffer, Math.max(start, interval.first), interval.last);",
      },
    ],
    expect: /FAIL .*packages\/core\/test\/runtime\//,
    tests: "packages/core/test/runtime/whole-program packages/core/test/runtime/padding",
  },
  {
    name: "averaging: the weight of each loss is dropped from the gradient",
    edits: [
      {
        file: "packages/workers/src/trainer/programs.ts",
        find: "  const cost = sum(weighted(model.loss, model.weight));",
        replace: "  const cost = sum(model.loss);",
      },
    ],
    expect:
      /FAIL .*updates\.test\.ts > .*divides the sums of weighted gradients by the total weight/,
    tests: "packages/workers/test/trainer/updates.test.ts",
  },
  {
    name: "averaging: the weight is dropped from the divisor, and padding counts as data",
    edits: [
      {
        file: "packages/workers/src/trainer/programs.ts",
        find: `    sum(own === undefined ? full(like.shape, 1, dtype) : cast(own, dtype));`,
        replace: `    cast(own ?? like, dtype).mul(0).add(1).sum();`,
      },
    ],
    expect: /FAIL .*averaging\.test\.ts > .*is that of one whole batch in float64, with 1 workers/,
    tests: "packages/workers/test/trainer/averaging.test.ts",
  },
  {
    name: "reduction: shards are added in the order in which they are done",
    edits: [
      {
        file: "packages/workers/src/compute/program-compute.ts",
        find: "    views.i32[slot / 4] = status;",
        replace: `    views.i32[slot / 4] = status;
    views.i32[slot / 4 + 1] = ((performance.timeOrigin + performance.now()) * 1000) % 2_000_000_000;`,
      },
      {
        file: "packages/workers/src/compute/program-compute.ts",
        find: `    for (const [shard, input] of inputs.entries())
      program.place(input, this.#slot(shard) + part.offset);`,
        replace: `    const done = (shard: number) => views.i32[this.#slot(shard) / 4 + 1] ?? 0;
    const order = [...inputs.keys()].sort((a, b) => done(a) - done(b));
    for (const [i, input] of inputs.entries())
      program.place(input, this.#slot(order[i] ?? 0) + part.offset);`,
      },
    ],
    expect: /FAIL .*same-bits\.test\.ts > the same seed gives the same bits/,
    tests: "packages/workers/test/trainer/same-bits.test.ts",
  },
  ...browserFaults,
  ...coreFaults,
  ...memoryFaults,
  ...prefixFaults,
  ...wasmFaults,
  ...gpuFaults,
];
