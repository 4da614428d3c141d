// Faults in training by mail and in pages; `faults.mjs` says what they are for.

/** @type {readonly import("./faults.mjs").Fault[]} */
export const browserFaults = [
  {
    name: "mail: shards are added in the order in which they come back",
    edits: [
      {
        file: "packages/workers/src/trainer/mail-run.ts",
        find: "        outcomes[shard] = outcome;",
        replace: "        outcomes.push(outcome);",
      },
    ],
    expect: /FAIL .*mail\.test\.ts > workers by mail give the bits of threads over one memory/,
    tests: "packages/workers/test/trainer/mail.test.ts",
  },
  {
    name: "mail: a worker that replaces another one begins without the state",
    edits: [
      {
        file: "packages/workers/src/trainer/lane.ts",
        find: "    this.refresh(copy);\n    const outcome",
        replace: "    if (this.rank > 0) this.refresh(copy);\n    const outcome",
      },
    ],
    expect: /FAIL .*mail\.test\.ts > .*when a worker ends in a shard/,
    tests: "packages/workers/test/trainer/mail.test.ts",
  },
  {
    name: "pages: the page's own thread works with the workers",
    edits: [
      {
        file: "packages/workers/src/trainer/fit.ts",
        find: "    this.steps++;",
        replace:
          "    for (const end = performance.now() + 80; performance.now() < end; );\n    this.steps++;",
      },
    ],
    expect: /FAIL .*long-tasks\.test\.ts > .*has no task over 50 ms while its workers train/,
    tests: "packages/workers/test/browser/long-tasks.test.ts",
  },
  {
    name: "pages: nobody waits for the end of a worker",
    edits: [
      {
        file: "packages/workers/src/browser/worker-thread.ts",
        find: `      this.end(new Error("the worker ended without a word"));`,
        replace: "      // Nobody hears of it.",
      },
    ],
    expect: /FAIL .*same-bits\.test\.ts > .*also when a worker is ended without a word/,
    tests: "packages/workers/test/browser/same-bits.test.ts",
  },
];
