// Faults of gradients, passes, masks and kernels for `npm run ci:prove`: small slips that give wrong numbers, some of them as users of
// other libraries reported them. A test that `npm test` runs must fail on each.

/** @typedef {import("./faults.mjs").Fault} Fault */

const core = "packages/core/src/";
const tests = "packages/core/test/";

/**
 * A slip in one place of core.
 *
 * @param {string} name
 * @param {string} file under the sources of core
 * @param {string} find
 * @param {string} replace
 * @param {string} paths of tests, under those of core, separated by spaces
 * @returns {Fault}
 */
export function slip(name, file, find, replace, paths) {
  return {
    name,
    edits: [{ file: core + file, find, replace }],
    expect: /FAIL .*packages\/core\/test\//,
    tests: paths
      .split(" ")
      .map((path) => tests + path)
      .join(" "),
  };
}

/** @type {readonly Fault[]} */
export const coreFaults = [
  slip(
    "gradient: the factors of a product swap their derivatives",
    "ops/elementwise.ts",
    "partials: (_, x, y) => [y, x],",
    "partials: (_, x, y) => [x, y],",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: the divisor's derivative loses its sign",
    "ops/arithmetic.ts",
    "partials: (quotient, _, y) => [(t) => div(t, y), (t) => neg(div(mul(t, quotient), y))],",
    "partials: (quotient, _, y) => [(t) => div(t, y), (t) => div(mul(t, quotient), y)],",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: subtraction adds",
    "ops/arithmetic.ts",
    "    partials: () => [1, neg],",
    "    partials: () => [1, 1],",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: equal arguments of maximum both get the whole",
    "ops/arithmetic.ts",
    "[(t) => where(ge(x, y), t, 0), (t) => where(lt(x, y), t, 0)]",
    "[(t) => where(ge(x, y), t, 0), (t) => where(ge(y, x), t, 0)]",
    "ops api golden",
  ),
  slip(
    "gradient: relu at zero has the whole slope",
    "ops/transcendental.ts",
    "where(eq(x, 0), mul(t, 0.5), 0)",
    "where(eq(x, 0), t, 0)",
    "ops golden",
  ),
  slip(
    "gradient: where hands both branches everything",
    "ops/logic.ts",
    "    (t) => pick(cond, t, zerosLike(t)),",
    "    (t) => t,",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: a sum over broadcast axes is forgotten",
    "ops/broadcast.ts",
    "    isOne(size) && !isOne(x.shape[axis + missing]) ? [axis] : [],",
    "    isOne(size) && !isOne(x.shape[axis + missing]) && axis > 0 ? [axis] : [],",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: dimshuffle's cotangent is shuffled forwards",
    "ops/dimshuffle.ts",
    ": toExactShape(shuffle(cotangent, inversePattern(params.pattern, x.rank)), x.shape),",
    ': toExactShape(shuffle(cotangent, params.pattern.filter((p) => p !== "x")), x.shape),',
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: an id that comes twice counts once (keras: embeddings)",
    "ops/gather.ts",
    "          scatterAddOp,\n          [zerosLike(unaryInput(inputs)), cotangent, ...inputs.slice(1)],",
    "          scatterSetOp,\n          [zerosLike(unaryInput(inputs)), cotangent, ...inputs.slice(1)],",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: what setSubtensor overwrote keeps its gradient",
    "ops/gather.ts",
    '        mode === "add"\n          ? cotangent',
    '        mode === "add" || ids.length > 0\n          ? cotangent',
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: softmax without the sum over its row",
    "ops/softmax.ts",
    "  return mulTensors(y, sub(t, overLast(mulTensors(y, t))));",
    "  return mulTensors(y, sub(t, mulTensors(y, t)));",
    "ops/ops.test.ts",
  ),
  slip(
    "gradient: pieces of a concatenation take the first place",
    "ops/concatenate.ts",
    "places[i] ?? constantSize(0), sizeAt(x, axis)),",
    "places[0] ?? constantSize(0), sizeAt(x, axis)),",
    "ops/ops.test.ts",
  ),
  slip(
    "scan: what saved states are used for is lost from their gradient (pytensor 1772)",
    "ops/scan/scan-gradient.ts",
    "const sum = [pulled.carries[i], savedRows[i]].filter((c) => c !== undefined);",
    "const sum = [pulled.carries[i]].filter((c) => c !== undefined);",
    "golden api autodiff",
  ),
  slip(
    "scan: the gradient loop runs forwards",
    "ops/scan/scan-gradient.ts",
    "      reverse: !params.reverse,",
    "      reverse: params.reverse,",
    "api golden",
  ),
  slip(
    "scan: the gradient of the initial state is that of zeros",
    "ops/scan/scan-gradient.ts",
    "initial[i] = result.final[k];",
    "initial[i] = i > 0 ? result.final[k] : undefined;",
    "api golden",
  ),
  slip(
    "scan: weights get the gradient of the last step only",
    "ops/scan/scan-gradient.ts",
    "return [{ i, sum, begins: context.zeros(outer), leaves: context.add(sum, contribution) }];",
    "return [{ i, sum, begins: context.zeros(outer), leaves: contribution }];",
    "api golden",
  ),
  slip(
    "scan: a truncated gradient runs one step too far",
    "ops/scan/truncate.ts",
    "  const length = minSizes(params.length, params.truncate);",
    "  const length = minSizes(params.length, params.truncate + 1);",
    "api golden",
  ),
  slip(
    "scan: registers drop what skipped steps would hand on",
    "ops/scan/truncate.ts",
    "    for (let s = 0; at !== undefined; s++, at = next.get(at)) {",
    "    for (let s = 0; at !== undefined && s < 1; s++, at = next.get(at)) {",
    "api golden fuzz/scan",
  ),
  slip(
    "scan: states of which only the rows are used do not take part (pytensor 2217)",
    "ops/scan/scan-gradient.ts",
    "given.final.map((c, i) => c !== undefined || given.saved[i] !== undefined),",
    "given.final.map((c) => c !== undefined),",
    "api",
  ),
  slip(
    "scan: the tangents of rows are not carried on",
    "ops/scan/scan-jvp.ts",
    "    return [{ i, tangent, begins, leaves: pushed[i] ?? context.zeros(outputs[i] ?? carry) }];",
    "    return [{ i, tangent, begins, leaves: context.zeros(outputs[i] ?? carry) }];",
    "api autodiff fuzz/scan",
  ),
  slip(
    "mask: padded steps change the state (keras 15323)",
    "api/scan/registers.ts",
    "    return assertSizes(where(beside(valid, x), x, held), held.shape, []);",
    "    return assertSizes(where(beside(valid, x), x, x), held.shape, []);",
    "runtime/padding.test.ts api",
  ),
  slip(
    "mask: older registers move on in padded steps",
    "api/scan/registers.ts",
    "    return assertSizes(where(beside(valid, x), x, held), held.shape, []);",
    "    return k > 0 ? x : assertSizes(where(beside(valid, x), x, held), held.shape, []);",
    "api fuzz/scan",
  ),
  slip(
    "mask: updates happen in steps that no sequence has",
    "api/scan/registers.ts",
    "leaves: valid === undefined ? leaves : where(any(valid), leaves, input)",
    "leaves: valid === undefined ? leaves : where(any(valid), leaves, leaves)",
    "api",
  ),
  slip(
    "lengths: the row at the length counts",
    "ops/scan/length-mask.ts",
    '      compare("lt", positionOf(inputAt(index, 0)), read(0, [inputAt(index, 1)])),',
    '      compare("le", positionOf(inputAt(index, 0)), read(0, [inputAt(index, 1)])),',
    "api runtime/padding.test.ts",
  ),
  slip(
    "lengths: final is the last row of all",
    "api/scan/final.ts",
    "  if (padding !== undefined) return onlyRow",
    "  if (padding !== undefined && steps.constant === -1) return onlyRow",
    "api",
  ),
  slip(
    "lengths: backwards from the end of the batch, not of the sequence",
    "api/scan/padding.ts",
    "backwards ? reverseSequence(x, validSteps) : x",
    "backwards ? reverseSequence(x, broadcastTo(sizeValue(rows), [batch])) : x",
    "api fuzz/scan",
  ),
  slip(
    "mask: an op that is not finite sees padding",
    "api/scan/guard-padding.ts",
    "      if (safe === undefined || from === undefined) return x;",
    "      if (safe === undefined || from === undefined || rows.size >= 0) return x;",
    "api/batch-rows.test.ts runtime/padding.test.ts",
  ),
  slip(
    "mask: the batch of a vector is taken for the first axis of a matrix",
    "ops/moved-axes.ts",
    "      return (input, axis) => axis + rankOf(result) - rankOf(inputAt(input));",
    "      return (_input, axis) => axis;",
    "api/batch-rows.test.ts",
  ),
  slip(
    "resets: a reset keeps half of the old state",
    "api/scan/resets.ts",
    "  return assertSizes(where(beside(reset, value), initial, value), value.shape, []);",
    "  return assertSizes(where(beside(reset, value), value, initial), value.shape, []);",
    "api/resets.test.ts",
  ),
  slip(
    "until: a loop ends one step late",
    "api/scan/until.ts",
    "  const stop = all(ended);",
    "  const stop = all(done);",
    "api/until.test.ts",
  ),
  slip(
    "hoist: work that belongs to each step is done once",
    "rewrite/hoist.ts",
    "    (leaf) => constInputs.has(leaf),",
    "    (leaf) => rowInputs.has(leaf),",
    "rewrite api fuzz",
  ),
  slip(
    "push out: the rows of one tensor serve all",
    "rewrite/push-out.ts",
    "    const rows = closed.rows[kept.length + i];",
    "    const rows = closed.rows[kept.length + 0 * i];",
    "rewrite fuzz api",
  ),
  slip(
    "prune: a state that another state needs is dropped",
    "rewrite/prune-scans.ts",
    "const more = draft.carries.filter((c) => carries.includes(c) || needed.has(c.input));",
    "const more = draft.carries.filter((c) => carries.includes(c));",
    "rewrite api fuzz",
  ),
  slip(
    "merge: ops of other parameters are equal",
    "rewrite/value-numbers.ts",
    "${paramsKey(apply.params)}",
    "${paramsKey(apply.params).length}",
    "rewrite ops fuzz",
  ),
  slip(
    "simplify: x - 0 is -x",
    "rewrite/simplify.ts",
    "      isAllEqual(y, 0) ? x : isAllEqual(x, 0) && y !== undefined ? neg(y) : undefined,",
    "      isAllEqual(y, 0) && x !== undefined ? neg(x) : isAllEqual(x, 0) && y !== undefined ? neg(y) : undefined,",
    "rewrite ops fuzz",
  ),
  slip(
    "simplify: permutations are composed the wrong way round",
    "rewrite/simplify.ts",
    '  const pattern = outer.map((p) => (p === "x" ? "x" : (inner[p] ?? "x")));',
    '  const pattern = inner.map((p) => (p === "x" ? "x" : (outer[p] ?? "x")));',
    "rewrite ops fuzz",
  ),
  slip(
    "stability: log(1 - sigmoid x) is that of -x",
    "rewrite/stability.ts",
    "  if (opposite !== undefined) return neg(softplus(opposite));",
    "  if (opposite !== undefined) return neg(softplus(neg(opposite)));",
    "rewrite golden",
  ),
  slip(
    "accumulate: the addend is added twice",
    "rewrite/accumulate.ts",
    "[matmulAdd(a, b, addend)];",
    "[matmulAdd(a, b, add(addend, addend))];",
    "rewrite",
  ),
  slip(
    "assemble: pieces are laid in the order in which they come",
    "rewrite/assemble-slices.ts",
    "    sorted.push(next);",
    "    sorted.unshift(next);",
    "rewrite ops fuzz",
  ),
  slip(
    "store or replay: the first row of the wrong loop",
    "rewrite/store-replay.ts",
    '    if (twin !== undefined && (kept.has(twin) || cost === "transcendental" || cost === "expensive"))\n      rows.set(tensor, twin);',
    '    if (twin !== undefined && (kept.has(twin) || cost === "transcendental" || cost === "expensive"))\n      rows.set(tensor, [...kept][0] ?? twin);',
    "rewrite api fuzz",
  ),
  slip(
    "in place: a state is overwritten while it is read",
    "lower/in-place.ts",
    "  const first = Math.min(...[...writers].map((x) => plan.stepOf.get(x) ?? Infinity));",
    "  const first = 1e6 * Math.max(1, writers.size);",
    "runtime fuzz",
  ),
  slip(
    "lowering: a loop that runs backwards reads rows forwards",
    "lower/lower-loop.ts",
    "    ? addIndexes(constantIndex(subSizes(length, 1)), indexOf(t, -1))",
    "    ? indexOf(t)",
    "runtime api fuzz",
  ),
  slip(
    "lowering: an operand read twice is overwritten",
    "lower/plan.ts",
    "    for (const input of apply.inputs) {\n      const found",
    "    for (const input of new Set(apply.inputs)) {\n      const found",
    "compile/read-twice.test.ts",
  ),
  slip(
    "optimisers: Adam without the correction of its second moment",
    "optim/adaptive.ts",
    "cast(rootScale, parameter.dtype));",
    "cast(mul(rootScale, rootScale), parameter.dtype));",
    "optim",
  ),
  slip(
    "random: element i does not depend on i",
    "ops/random.ts",
    "philox([i % each, 0, 0, domains.draw]",
    "philox([0, 0, 0, domains.draw]",
    "ops/values.test.ts api",
  ),
  slip(
    "random: a stream of two scans goes on from the nearer one",
    "api/stream-states.ts",
    "maximum(found[1], value)",
    "found[1]",
    "api/streams.test.ts",
  ),
  slip(
    "random: what a stream drew before a scan changes in its steps",
    "api/scan/capture.ts",
    "leavesOf([tensor], new VirtualSet(isDrawn))",
    "leavesOf([tensor])",
    "api/streams.test.ts",
  ),
  slip(
    "random: an order is sorted at too few distances",
    "api/random-order.ts",
    "const isLast = eq(span, bit);",
    "const isLast = eq(span, span);",
    "api/choices.test.ts",
  ),
];
