// Faults of loops in chunks, of sums over blocks of steps and of storage, for `npm run ci:prove`.
import { slip } from "./core-faults.mjs";

/** @type {readonly import("./faults.mjs").Fault[]} */
export const memoryFaults = [
  slip(
    "memory: chunks end anywhere, not where a block of a sum does",
    "rewrite/chunk-scans.ts",
    "units: [...known.units, ...(unit === undefined ? [] : [unit])]",
    "units: []",
    "memory/budget.test.ts",
  ),
  slip(
    "memory: a replay begins with the state after its chunk's first step",
    "rewrite/chunked-loops.ts",
    "draft.params.reverse ? subSizes(cut.steps, 1) : 0;",
    "draft.params.reverse ? 0 : subSizes(cut.steps, 1);",
    "memory/budget.test.ts",
  ),
  slip(
    "memory: a replay begins without the registers of older states",
    "rewrite/chunked-loops.ts",
    "if (found.has(i) || (!isUsed(saved[i]) && !read.has(carry.input))) continue;",
    "if (found.has(i) || !isUsed(saved[i])) continue;",
    "fuzz/scan",
  ),
  slip(
    "memory: replays show values again",
    "rewrite/chunked-loops.ts",
    "isReplay\n        ?",
    "isReplay && draft.params.reverse\n        ?",
    "check/print-value.test.ts",
  ),
  slip(
    "memory: steps of a chunk are counted from its own first one",
    "lower/lower-loop.ts",
    "row: addIndexes(chunk.row, row) }",
    "row }",
    "check/print-value.test.ts",
  ),
  slip(
    "memory: the outputs of a call do not count",
    "runtime/budget.ts",
    "temporaries(all) + outputs)",
    "temporaries(all))",
    "memory",
  ),
  slip(
    "sink: blocks of a reversed loop are added from the first one on",
    "rewrite/block-sums.ts",
    '{ name: "blocks", length: blocks, reverse,',
    '{ name: "blocks", length: blocks, reverse: false,',
    "memory/budget.test.ts",
  ),
  slip(
    "storage: buffers that live at once share memory",
    "lower/storage.ts",
    "(taken[next]?.first ?? Infinity) <= last",
    "(taken[next]?.first ?? Infinity) < last",
    "compile runtime memory",
  ),
];
