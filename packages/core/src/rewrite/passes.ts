/** The passes, in the order they run. */
import { accumulateProducts, accumulateResults } from "./accumulate.ts";
import { assembleSlices } from "./assemble-slices.ts";
import { chunkScans } from "./chunk-scans.ts";
import { foldConstants } from "./fold-constants.ts";
import { hoist } from "./hoist.ts";
import { readLastStates } from "./last-states.ts";
import { merge } from "./merge.ts";
import type { Pass } from "./pipeline.ts";
import { pruneScans } from "./prune-scans.ts";
import { pushOut } from "./push-out.ts";
import { sink } from "./sink.ts";
import { simplify } from "./simplify.ts";
import { stabilize } from "./stability.ts";
import { splitProducts } from "./step-products.ts";
import { storeForGradient } from "./store-replay.ts";

export const fullPasses: readonly Pass[] = [
  foldConstants,
  merge,
  stabilize,
  merge,
  simplify,
  assembleSlices,
  readLastStates,
  pruneScans,
  splitProducts,
  merge,
  chunkScans,
  merge,
  pruneScans,
  storeForGradient,
  pruneScans,
  sink,
  pushOut,
  hoist,
  pruneScans,
  simplify,
  merge,
  accumulateProducts,
];

/** Quick passes only: for graphs that are compiled often and run seldom. */
export const fastPasses: readonly Pass[] = [
  merge,
  simplify,
  assembleSlices,
  readLastStates,
  pruneScans,
  chunkScans,
  pruneScans,
  accumulateProducts,
];

/** What is done although nothing is to be optimised. */
const necessaryPasses: readonly Pass[] = [chunkScans];

/** The passes of each `optimize` option. */
export const passLists = { full: fullPasses, fast: fastPasses, none: necessaryPasses } as const;

/** The same for devices on which every kernel has its price. */
export const devicePasses = (optimize: keyof typeof passLists): readonly Pass[] =>
  passLists[optimize].map((pass) => (pass === accumulateProducts ? accumulateResults : pass));
