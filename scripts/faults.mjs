// The faults that `npm run ci:prove` plants, one at a time, in a clone of HEAD. `.ci/run` must fail on each, and say
// where. A fault that can no longer be planted (its text is gone) is an error: bring it up to date.

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {string} file the file to break, from the root
 * @property {string} [find] text that must occur in it exactly once; without it, `replace` goes to the file's end
 * @property {string} replace
 * @property {RegExp} expect what the output of `.ci/run` must say: the check or test that catches it
 * @property {string} [tests] the paths of the tests to run, separated by spaces; all when absent
 */

/** @type {readonly Fault[]} */
export const faults = [
  {
    name: "layer rule: gpu imports more of core than the backend kit",
    file: "packages/gpu/src/index.ts",
    replace: `\nexport * as core from "@scan-train/core";\n`,
    expect: /packages\/gpu\/src\/index\.ts:\d+ {2}foreign-import: "@scan-train\/core"/,
    tests: "scripts",
  },
  {
    name: "lint rule: a power by the host, which differs between engines",
    file: "packages/core/src/index.ts",
    replace: `\nexport const planted = (x: number): number => Math.pow(x, 0.3);\n`,
    expect: /packages\/core\/src\/index\.ts:\d+ {2}banned: Math\.pow/,
    tests: "scripts",
  },
];
