/** Each pass does what it says, and changes no value. */
import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  constant,
  crossEntropy,
  div,
  evaluate,
  exp,
  grad,
  index,
  gt,
  log,
  matrix,
  mean,
  mul,
  scan,
  shared,
  sigmoid,
  sliceAxis,
  softmax,
  sqr,
  Store,
  sub,
  sum,
  tanh,
  tensor,
  vector,
  zeros,
  type NDArray,
  type Tensor,
} from "../../src/index.ts";
import type { Apply } from "../../src/graph/op.ts";
import { toposort } from "../../src/graph/walk.ts";
import { scanBlock } from "../../src/ops/scan/scan-params.ts";
import { accumulateProducts } from "../../src/rewrite/accumulate.ts";
import { assembleSlices } from "../../src/rewrite/assemble-slices.ts";
import { foldConstants } from "../../src/rewrite/fold-constants.ts";
import { hoist } from "../../src/rewrite/hoist.ts";
import { readLastStates } from "../../src/rewrite/last-states.ts";
import { merge } from "../../src/rewrite/merge.ts";
import { fullPasses } from "../../src/rewrite/passes.ts";
import { runPasses, type Pass } from "../../src/rewrite/pipeline.ts";
import { pruneScans } from "../../src/rewrite/prune-scans.ts";
import { pushOut } from "../../src/rewrite/push-out.ts";
import { isScan } from "../../src/rewrite/scan-draft.ts";
import { simplify } from "../../src/rewrite/simplify.ts";
import { sink } from "../../src/rewrite/sink.ts";
import { splitProducts } from "../../src/rewrite/step-products.ts";
import { storeForGradient } from "../../src/rewrite/store-replay.ts";
import { numbers } from "../runtime/models.ts";

const [T, B, I, H] = [4, 3, 2, 5];
const x = tensor("x", { shape: ["T", "B", I] });
const W = shared(numbers(1, [I, H]), { name: "W" });
const U = shared(numbers(2, [H, H]), { name: "U" });
const b = shared(numbers(3, [H]), { name: "b" });
const V = shared(numbers(6, [I, I]), { name: "V" });
const values = { x: numbers(4, [T, B, I]) };
const store = new Store();

function rnn(): Tensor {
  const { outputs } = scan({
    sequences: { x },
    init: { h: zeros([x.size(1), H]) },
    step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h.dot(U)).add(b)) }),
  });
  return outputs.h;
}

function namesOf(results: readonly Tensor[]): string[] {
  return toposort(results).map((apply) => apply.op.name);
}

function scansOf(results: readonly Tensor[]): Apply[] {
  return toposort(results).filter(isScan);
}

/** Ops of one step of the only scan called `name`. */
function stepOf(results: readonly Tensor[], reverse: boolean): string[] {
  const found = scansOf(results).filter(
    (apply) => isScan(apply) && apply.params.reverse === reverse,
  );
  return found.flatMap((apply) => namesOf(scanBlock(apply).outputs));
}

async function expectSameValues(
  results: readonly Tensor[],
  list: readonly Pass[],
  given: Readonly<Record<string, NDArray>> = values,
): Promise<void> {
  const { results: rewritten } = runPasses(results, list);
  const inputs = Object.fromEntries(
    Object.keys(given).map((name) => [name, inputNamed(results, name)]),
  );
  for (const [i, result] of results.entries()) {
    const want = evaluate(result, given);
    const got = evaluate(rewritten[i] ?? result, given);
    expectClose(got, want);
    const outputs = { result };
    const compiled = await compile({ inputs, outputs, store, unusedInputs: "ignore" });
    expectClose(compiled(given).result, want);
  }
}

function inputNamed(results: readonly Tensor[], name: string): Tensor {
  for (const apply of toposort(results))
    for (const input of apply.inputs) if (input.name === name) return input;
  throw new Error(`no input ${name}`);
}

function expectClose(got: NDArray, want: NDArray): void {
  expect(got.shape).toEqual(want.shape);
  for (const [i, value] of want.data.entries())
    expect(Math.abs((got.data[i] ?? NaN) - value)).toBeLessThanOrEqual(
      2e-5 * Math.max(1, Math.abs(value)),
    );
}

describe("merge", () => {
  test("computes equal applications once, also inside a step", async () => {
    const v = vector("v");
    const twice = add(tanh(v), tanh(v));
    expect(namesOf(merge.run([twice]))).toEqual(["tanh", "add"]);
    await expectSameValues([twice], [merge], { v: numbers(1, [5]) });
    const { outputs } = scan((v) => add(tanh(v), tanh(v)), { sequences: v });
    expect(stepOf(merge.run([outputs]), false)).toEqual(["tanh", "add"]);
  });
  test("runs equal scans once", () => {
    expect(scansOf([add(rnn(), rnn())])).toHaveLength(2);
    expect(scansOf(merge.run([add(rnn(), rnn())]))).toHaveLength(1);
  });
});

describe("fold constants and simplify", () => {
  test("constants are computed with the kernels' own functions", () => {
    const [folded] = foldConstants.run([exp(add(1, 0.5))]);
    expect(folded?.origin.kind).toBe("constant");
  });
  test.each([
    ["x + 0", (v: Tensor) => add(v, 0)],
    ["1 * x", (v: Tensor) => mul(1, v)],
    ["x / 1", (v: Tensor) => div(v, 1)],
    ["x - 0", (v: Tensor) => sub(v, 0)],
  ])("%s is x", (_, make) => {
    const v = vector("v");
    expect(simplify.run([make(v)])[0] === v).toBe(true);
  });
});

describe("prune scans", () => {
  test("drops results that nobody reads, and the work for them", () => {
    const { outputs } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), H]) },
      step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h)), y: exp(h) }),
    });
    expect(stepOf([outputs.h], false)).toContain("exp");
    expect(stepOf(pruneScans.run([outputs.h]), false)).not.toContain("exp");
  });
});

describe("store for gradients", () => {
  test("the gradient loop reads tanh and products instead of computing them again", async () => {
    const cost = sum(sqr(rnn()));
    const gradients = grad(cost, [W, U, b]);
    expect(stepOf(gradients, true)).toContain("tanh");
    const stored = storeForGradient.run(merge.run(gradients));
    expect(stepOf(stored, true)).not.toContain("tanh");
    await expectSameValues(gradients, [merge, storeForGradient]);
  });
  test("a row in one loop is not taken for the whole tensor in another", async () => {
    const first = scan((row) => [tanh(row), row.mul(2)], {
      sequences: x,
      outputsInfo: [null, null],
    });
    const second = scan((row: Tensor, h: Tensor) => h.add(row).add(sum(tanh(x), 0)), {
      sequences: first.outputs[1],
      outputsInfo: zeros([x.size(1), I]),
    });
    await expectSameValues([first.outputs[0], second.outputs], [merge, storeForGradient]);
  });
});

describe("hoist", () => {
  test("products of rows leave the loop, when rows are kept", () => {
    const h = rnn();
    expect(stepOf([h], false).filter((name) => name === "matmul")).toHaveLength(2);
    expect(stepOf(hoist.run([h]), false).filter((name) => name === "matmul")).toHaveLength(1);
  });
  test("work on what never changes is done once", () => {
    const { outputs } = scan((v) => v.add(tanh(b)), { sequences: matrix("m") });
    expect(stepOf([outputs], false)).toContain("tanh");
    expect(stepOf(hoist.run([outputs]), false)).not.toContain("tanh");
  });
  test("nothing moves out of a loop of which only the last state counts", () => {
    const { final } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), H]) },
      step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h.dot(U))) }),
    });
    expect(
      stepOf(hoist.run(pruneScans.run([final.h])), false).filter((name) => name === "matmul"),
    ).toHaveLength(2);
  });
});

describe("sink", () => {
  test("weight gradients become products and sums over blocks of steps", async () => {
    const gradients = grad(sum(sqr(rnn())), [W, U, b]);
    const carriesOf = (results: readonly Tensor[]): number[] =>
      scansOf(results).flatMap((apply) =>
        isScan(apply) && apply.params.reverse ? [apply.params.carries] : [],
      );
    expect(carriesOf(gradients)).toEqual([4]);
    const sunk = sink.run(storeForGradient.run(merge.run(gradients)));
    // The state's gradient alone in its loop, then one over blocks for all parameters.
    expect(carriesOf(sunk)).toEqual([1, 3]);
    const named = scansOf(sunk).map((apply) => isScan(apply) && apply.params.name);
    expect(named.filter((name) => name === "blocks")).toHaveLength(1);
    await expectSameValues(gradients, [merge, storeForGradient, sink]);
  });
  test("a weight used twice in a step keeps both terms of its gradient", async () => {
    const { outputs } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), I]) },
      step: ({ x, h }) => ({ h: tanh(x.dot(V).add(h.dot(V))) }),
    });
    await expectSameValues(
      [grad(sum(sqr(outputs.h)), V)],
      [splitProducts, merge, storeForGradient, sink],
    );
  });
  test("a loop that only adds rows becomes sums over blocks of them", async () => {
    const { final } = scan({
      sequences: { x },
      init: { total: zeros([I]) },
      step: ({ x, total }) => ({ total: total.add(sum(x, 0)) }),
    });
    const sunk = scansOf(sink.run(pruneScans.run([final.total])));
    expect(sunk.map((apply) => isScan(apply) && apply.params.name)).toEqual(["blocks"]);
    await expectSameValues([final.total], [pruneScans, sink]);
  });
});

test("booleans that a loop joins by `or` are not counted", async () => {
  const flags = tensor("flags", { shape: ["T", 3], dtype: "bool" });
  const { final } = scan((row: Tensor<"bool">, seen: Tensor<"bool">) => seen.add(row), {
    sequences: flags,
    outputsInfo: zeros([3], "bool"),
  });
  await expectSameValues([final], [sink], {
    flags: evaluate(
      gt(
        constant([
          [1, 0, 1],
          [1, 0, 0],
        ]),
        0,
      ),
    ),
  });
});

describe("read last states", () => {
  const { outputs } = scan({
    sequences: { x },
    init: { h: zeros([x.size(1), H]) },
    step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h.dot(U))), twice: x.mul(2) }),
  });
  test("the last row of a state is its final value; other rows and outputs stay rows", async () => {
    const last = index(outputs.h, -1);
    const part = index(outputs.h, -1, 0, { start: 1 });
    const slices = (tensor: Tensor): number =>
      namesOf(readLastStates.run([tensor])).filter((name) => name === "slice").length;
    expect(slices(last)).toBe(0);
    expect(slices(index(outputs.h, -2))).toBe(1);
    expect(slices(index(outputs.twice, -1))).toBe(1);
    await expectSameValues(
      [last, part, index(outputs.h, -2), index(outputs.twice, -1), grad(sum(sqr(last)), W)],
      [readLastStates],
    );
  });
});

describe("push out", () => {
  test("an output layer runs once over all steps", async () => {
    const Wo = shared(numbers(5, [H, 2]), { name: "Wo" });
    const { outputs } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), H]) },
      step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h)), y: softmax(h.dot(Wo)) }),
    });
    expect(stepOf([outputs.y], false)).toContain("softmax");
    expect(stepOf(pushOut.run([outputs.y]), false)).not.toContain("softmax");
    await expectSameValues([outputs.y], [pushOut]);
  });
  test("an output of several parts of the state reads the rows of each", async () => {
    const [P, Q] = [shared(numbers(7, [H, 2])), shared(numbers(8, [H, 2]))];
    const { outputs } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), H]) },
      step: ({ x, h }) => {
        const [gate, change] = [tanh(x.dot(W)), tanh(h.dot(U).add(b))];
        return { h: gate.mul(change), y: gate.dot(P).add(change.dot(Q)) };
      },
    });
    const inside = stepOf(pushOut.run([outputs.y]), false);
    expect(inside.filter((name) => name === "matmul")).toHaveLength(2);
    await expectSameValues([outputs.y, outputs.h], [pushOut]);
  });
  test("a scan without recurrence disappears", async () => {
    const { outputs } = scan((row) => tanh(row.dot(W).add(b)), { sequences: x });
    expect(scansOf(pushOut.run([outputs]))).toEqual([]);
    await expectSameValues([outputs], [pushOut]);
  });
});

describe("assemble slices", () => {
  test("gradients of slices that cover the whole become one concatenation", async () => {
    const m = matrix("m");
    const cost = sum(sqr(sliceAxis(m, 0, 0, 2)).mul(3)).add(sum(sliceAxis(m, 0, 2, 2).mul(2)));
    const fixed = tensor("m", { shape: [4, 3] });
    const whole = sum(sqr(sliceAxis(fixed, 0, 0, 2)).mul(3)).add(
      sum(sqr(sliceAxis(fixed, 0, 2, 2))),
    );
    const g = grad(whole, fixed);
    expect(namesOf([g]).filter((name) => name === "addToSlice")).toHaveLength(2);
    expect(namesOf(assembleSlices.run([g]))).toContain("concatenate");
    await expectSameValues([g], [assembleSlices], { m: numbers(1, [4, 3]) });
    await expectSameValues([grad(cost, m)], [assembleSlices], { m: numbers(1, [5, 3]) });
  });
});

describe("accumulate", () => {
  test("c + a b is one op", async () => {
    const [a, c] = [tensor("a", { shape: [3, I] }), tensor("c", { shape: [3, H] })];
    const result = c.add(a.dot(W));
    expect(namesOf(accumulateProducts.run([result]))).toEqual(["matmulAdd"]);
    await expectSameValues([result], [accumulateProducts], {
      a: numbers(1, [3, I]),
      c: numbers(2, [3, H]),
    });
  });
});

describe("stabilize", () => {
  const v = vector("v");
  const extremes = { v: [-200, -90, 0, 90, 200] };
  const finite = async (result: Tensor): Promise<void> => {
    const f = await compile({ inputs: { v }, outputs: { result }, store });
    expect([...f(extremes).result.data].every(Number.isFinite)).toBe(true);
    const moderate = { v: [-2, -0.5, 0, 1, 3] };
    const wanted = evaluate(result, moderate);
    for (const [i, y] of f(moderate).result.data.entries())
      expect(y).toBeCloseTo(wanted.data[i] ?? NaN, 5);
  };
  test.each([
    ["log softmax", () => log(softmax(v))],
    ["log sigmoid", () => log(sigmoid(v))],
    ["log(1 - sigmoid)", () => log(sub(1, sigmoid(v)))],
    ["log(1 + exp)", () => log(add(1, exp(v)))],
  ])(
    "%s keeps its values, finite where the parts overflow, and so does its gradient",
    async (_, make) => {
      await finite(make());
      await finite(grad(sum(make()), v));
    },
  );
  test("log(1 + x) and exp(x) - 1 keep their digits near 0", async () => {
    const f = await compile({
      inputs: { v },
      outputs: { log: log(add(1, v)), exp: sub(exp(v), 1) },
      store,
    });
    const got = f({ v: [1e-12] });
    expect(got.log.item()).toBeCloseTo(1e-12, 18);
    expect(got.exp.item()).toBeCloseTo(1e-12, 18);
  });
});

test("all passes together keep the values and gradients of a net with a loss", async () => {
  const Wo = shared(numbers(5, [H, 3]), { name: "Wo" });
  const labels = tensor("labels", { shape: ["T", "B"], dtype: "int32" });
  const cost = mean(crossEntropy(rnn().dot(Wo), labels));
  await expectSameValues([cost, ...grad(cost, [W, U, b, Wo])], fullPasses, {
    ...values,
    labels: evaluate(zeros([T, B], "int32")),
  });
});
