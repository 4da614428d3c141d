// Faults of the GPU's kernels and of what the host does for them; `faults.mjs` says what they are for.

/**
 * @param {string} name
 * @param {string} file of packages/gpu/src
 * @param {string} find
 * @param {string} replace
 * @param {string} test of packages/gpu/test
 * @returns {import("./faults.mjs").Fault}
 */
const slip = (name, file, find, replace, test) => ({
  name,
  edits: [{ file: `packages/gpu/src/${file}`, find, replace }],
  expect: new RegExp(`FAIL .*${test.replaceAll(".", "\\.").replace(/^.*\//, "")}`),
  tests: `packages/gpu/test/${test}`,
});

/** @type {readonly import("./faults.mjs").Fault[]} */
export const gpuFaults = [
  slip(
    "gpu: new values take the old ones' place while they are still read",
    "codegen/in-place.ts",
    "if (other !== writer) return other.at < writer.at;",
    "if (other !== writer) return true;",
    "conformance/webgpu.test.ts",
  ),
  slip(
    "gpu: a loop that ended goes on",
    "codegen/pieces.ts",
    "const inside = { ...place, params, guard: flag };",
    "const inside = { ...place, params };",
    "conformance/webgpu.test.ts",
  ),
  slip(
    "gpu: tiles of products write past their last column",
    "codegen/matmul-registers.ts",
    "if (q === 0 || isMultiple(s.n, width)) set(inner);",
    "if (q === 0 || width > 0) set(inner);",
    "folds-and-products.test.ts",
  ),
  slip(
    "gpu: rows that ids choose are added by invocations that meet",
    "codegen/beside.ts",
    "row > 0 && size.terms.every(({ coef }) => coef % row === 0);",
    "row > 0 && size.terms.length >= 0;",
    "beside.test.ts",
  ),
  slip(
    "gpu: one dispatch per step where there is no recurrence",
    "codegen/pieces.ts",
    'if (isMatrix(s) || s.kind === "call") return true;',
    'if (isMatrix(s) || s.kind === "call" || s.kind === "for") return true;',
    "dispatches.test.ts",
  ),
  slip(
    "gpu: a call that fails keeps its new values",
    "render-wgsl.ts",
    "cut.pieces.some(pieceCanFail) ? [...commits, ...writers] : []",
    "cut.pieces.some(pieceCanFail) ? [] : []",
    "conformance/webgpu.test.ts",
  ),
  slip(
    "gpu: vectors begin where their first element does not",
    "codegen/quads.ts",
    "    isMultiple(offset, width) &&",
    "    offset.terms.length >= 0 &&",
    "quads.test.ts",
  ),
];
