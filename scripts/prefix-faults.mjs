// Faults of prefix combinations and of vectors that run backwards, for `npm run ci:prove`.
import { slip } from "./core-faults.mjs";

/** @type {readonly import("./faults.mjs").Fault[]} */
export const prefixFaults = [
  slip(
    "prefix: adjoints run the way of the results",
    "ops/prefix/prefix-gradient.ts",
    "    !reverse,\n    make,",
    "    reverse,\n    make,",
    "api/associative-scan-fast.test.ts",
  ),
  slip(
    "prefix: tangents go through the matrix of adjoints",
    "ops/prefix/prefix-gradient.ts",
    "steps.jacobian[j]?.[i]",
    "steps.jacobian[i]?.[j]",
    "api/associative-scan-fast.test.ts",
  ),
  slip(
    "prefix: the first row of a reversed run is taken from the front",
    "ops/prefix/prefix-rows.ts",
    "sliceAxis(x, 0, backwards ? subSizes(sizeAt(x, 0), 1) : 0, 1)",
    "sliceAxis(x, 0, 0, 1)",
    "api/associative-scan-fast.test.ts",
  ),
  slip(
    "prefix: a choice is differentiated as a product",
    "ops/prefix/prefix-transitions.ts",
    "this.isLinear = !chooses && ",
    "this.isLinear = chooses === chooses && ",
    "api/associative-scan-fast.test.ts",
  ),
  slip(
    "prefix: gradients that a step changes are products too",
    "ops/prefix/prefix.ts",
    "new Set([gradClipOp, gradScaleOp])",
    "new Set()",
    "api/associative-scan-fast.test.ts",
  ),
  slip(
    "prefix: the second distance within a vector moves one lane too many",
    "backend/wasm/prefix.ts",
    "lane < distance ? lane : this.#count + lane",
    "lane <= distance ? lane : this.#count + lane",
    "backend/wasm-prefix.test.ts",
  ),
  slip(
    "prefix: what is left after whole blocks begins anew",
    "loop-ir/expand-prefix.ts",
    "this.#advance(tail, this.#after(this.#elements(tail))),",
    "this.#advance(tail, this.#elements(tail)),",
    "backend/wasm-prefix.test.ts",
  ),
  slip(
    "prefix: parts that others need on their right are not computed within blocks",
    "loop-ir/prefix.ts",
    "withinBlocks: closure(onTheRight, ({ left, right }) => [left, right])",
    "withinBlocks: closure(results, ({ left }) => [left])",
    "backend/wasm-prefix.test.ts",
  ),
  slip(
    "vectors: lanes that run backwards are turned but for the middle ones",
    "backend/wasm/vector-memory.ts",
    "code.shuffle32(3, 2, 1, 0)",
    "code.shuffle32(3, 1, 2, 0)",
    "backend/wasm-loops.test.ts",
  ),
];
