// Faults of the WebAssembly backend, for `npm run ci:prove`.
import { slip } from "./core-faults.mjs";

/** @type {readonly import("./faults.mjs").Fault[]} */
export const wasmFaults = [
  slip(
    "kernels: products forget all but the last block of 256",
    "backend/wasm/kernels/micro.ts",
    "    code.get(p.add).if(",
    "    code.i32(0).if(",
    "backend/wasm-matmul.test.ts",
  ),
  slip(
    "kernels: the last elements of a vectorised loop are not computed",
    "backend/wasm/statements.ts",
    "    writeLoop(this.#context, scope, { ...shape, start: whole }, body);",
    "    if (end === undefined) writeLoop(this.#context, scope, { ...shape, start: whole }, body);",
    "backend",
  ),
  slip(
    "vectors: the last of a row stores a lane too many",
    "backend/wasm/vector-memory.ts",
    "          .i32(3)\n          .op(op.i32Eq)",
    "          .i32(2)\n          .op(op.i32GeU)",
    "backend/wasm-loops.test.ts",
  ),
  slip(
    "vectors: a fold takes in what lies beyond its row",
    "backend/wasm/lane-fold.ts",
    "bound(code, rest);",
    "bound(code, this.#lanes);",
    "backend/wasm-reduce.test.ts",
  ),
  slip(
    "vectors: folds side by side read the columns of their neighbours",
    "backend/wasm/jam.ts",
    "i * lanes.count",
    "i",
    "backend/wasm-reduce.test.ts",
  ),
  slip(
    "vectors: memory ends with the last array",
    "runtime/store.ts",
    "this.#grow(end + readAheadBytes)",
    "this.#grow(end)",
    "runtime/memory.test.ts",
  ),
  slip(
    "functions: cut while a variable is held",
    "loop-ir/split-long.ts",
    "(held > i || weight",
    "(weight",
    "loop-ir/split-long.test.ts",
  ),
  slip(
    "functions: a loop's parts declare its variables anew",
    "loop-ir/split-long.ts",
    "if (isOuter || run",
    "if (run",
    "loop-ir/split-long.test.ts",
  ),
  slip(
    "functions: no module is cut",
    "backend/wasm/emit.ts",
    "options.functionWeights ?? usualWeights",
    "options.functionWeights ?? { long: Infinity, part: 1 }",
    "loop-ir/split-long.test.ts",
  ),
  slip(
    "cache: programs are told apart by their inputs alone",
    "runtime/build-cache.ts",
    "leaves.map(leafKey)",
    "given.map(leafKey)",
    "runtime/build-cache.test.ts",
  ),
  slip(
    "cache: a program found again has no variables",
    "runtime/build-cache.ts",
    "known.shared.map((i) => leaves[i] ?? lost())",
    "known.build.shared",
    "runtime/build-cache.test.ts",
  ),
  slip(
    "pieces: each whole gets them at its beginning",
    "lower/region.ts",
    "lowering.offsets(user)[user.inputs.indexOf(piece)]",
    "lowering.offsets(user)[0]",
    "compile/pieces.test.ts",
  ),
  slip(
    "pieces: sums share them where one also stands alone",
    "rewrite/assemble-slices.ts",
    'user !== "result" && user.op === add.op',
    'user !== "result" && user.op !== add.op',
    "rewrite/shared-pieces.test.ts",
  ),
  slip(
    "tables: rows scattered over other numbers go into the sum",
    "rewrite/accumulate.ts",
    " && isAllEqual(a, 0))",
    ")",
    "rewrite/accumulate-scatter.test.ts",
  ),
];
