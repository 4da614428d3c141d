/** The passes, in the order they run. */
import { accumulateProducts } from "./accumulate.ts";
import { assembleSlices } from "./assemble-slices.ts";
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
  merge,
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
  accumulateProducts,
];

/** The passes of each `optimize` option. */
export const passLists = { full: fullPasses, fast: fastPasses, none: [] } as const;
