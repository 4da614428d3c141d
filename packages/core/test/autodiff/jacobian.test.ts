/** jacobian, hessian and hessianVectorProduct: against unit vectors and differences, through scans, to higher order. */
import { describe, expect, test } from "vitest";
import {
  compile,
  constant,
  evaluate,
  grad,
  gradCheck,
  hessian,
  hessianVectorProduct,
  index,
  jacobian,
  jvp,
  max,
  mul,
  scalar,
  scan,
  softmax,
  sqr,
  stack,
  sum,
  tanh,
  tensor,
  vector,
  zeros,
  type NDArray,
  type Tensor,
} from "../../src/index.ts";
import { message, refusal } from "../api/refusal.ts";

const f64 = { dtype: "float64" } as const;
const x = vector("x", f64);
const W = tensor("W", { shape: [null, 3], ...f64 });
const s0 = tensor("s0", { shape: [3], ...f64 });
const rows = tensor("rows", { shape: ["T", 2], ...f64 });
const values: Record<string, unknown> = {
  x: [0.5, -1],
  W: [
    [1, 0.25, -0.5],
    [0.75, -1, 2],
  ],
  s0: [0.1, -0.2, 0.3],
  rows: [
    [1, 2],
    [-0.5, 0.25],
    [0.3, 1],
  ],
};
const rnn = (options: object = {}): Tensor =>
  scan((row, s) => tanh(row.dot(W).add(s.mul(0.7))), {
    sequences: rows,
    outputsInfo: s0,
    ...options,
  }).outputs;

function near(a: readonly Tensor[], b: readonly Tensor[]): void {
  const all = evaluate(
    [...a, ...b, sum(x).add(sum(W)).add(sum(s0)).add(sum(rows))],
    values as never,
  );
  for (const [i] of a.entries()) {
    const [p, q] = [all[i], all[a.length + i]];
    expect(p?.shape).toEqual(q?.shape);
    for (const [k, v] of (q?.data ?? []).entries()) expect(p?.data[k]).toBeCloseTo(v, 10);
  }
}

/** The same as `near`, of compiled functions. */
async function compiledNear(outputs: Record<string, Tensor>): Promise<void> {
  const expected: Readonly<Record<string, NDArray>> = evaluate(
    { ...outputs, all: sum(x).add(sum(W)).add(sum(s0)).add(sum(rows)) },
    values as never,
  );
  for (const optimize of ["full", "fast", "none"] as const) {
    const f = await compile({
      inputs: { x, W, s0, rows },
      outputs,
      optimize,
      unusedInputs: "ignore",
    });
    const got = f(values as never);
    for (const name of Object.keys(outputs)) {
      expect(got[name]?.shape).toEqual(expected[name]?.shape);
      for (const [k, v] of (expected[name]?.data ?? []).entries())
        expect(got[name]?.data[k], `${name} ${optimize}`).toBeCloseTo(v, 9);
    }
  }
}

const at = (t: Tensor, ...places: readonly number[]): Tensor => index(t, ...places);

describe("jacobian", () => {
  const y = tanh(x.dot(W));
  test("stacks the gradients of the entries", () => {
    const [Jx, JW] = jacobian(y, [x, W]);
    near(
      [Jx, JW],
      [x, W].map((w) => stack([0, 1, 2].map((i) => grad(at(y, i), w)))),
    );
  });
  test("of any shape has the axes of both", () => {
    const outer = mul(x.expandDims(1), y.expandDims(0));
    const J = jacobian(outer, x);
    expect(J.shape.map(String)).toEqual(["x.shape[0]", "3", "x.shape[0]"]);
    near([J], [stack([0, 1].map((i) => stack([0, 1, 2].map((j) => grad(at(outer, i, j), x)))))]);
  });
  test("of a scalar is its gradient, in a scalar a vector", () => {
    near([jacobian(sum(y), x)], [grad(sum(y), x)]);
    const k = scalar("k", f64);
    expect(evaluate(jacobian(constant([1, 2], "float64").mul(k), k)).toArray()).toEqual([1, 2]);
  });
  test("goes through a scan, in all it reads", async () => {
    const h = rnn();
    const last = at(h, -1);
    const found = jacobian(last, [rows, W, s0]);
    near(
      found,
      [rows, W, s0].map((w) => stack([0, 1, 2].map((i) => grad(at(last, i), w)))),
    );
    const [Jr, JW, Js] = found;
    await compiledNear({ Jr, JW, Js, whole: jacobian(h, s0) });
  });
  test("goes through a truncated, backward scan", async () => {
    const h = rnn({ truncateGradient: 2, goBackwards: true });
    const last = at(h, -1);
    near([jacobian(last, rows)], [stack([0, 1, 2].map((i) => grad(at(last, i), rows)))]);
    await compiledNear({ J: jacobian(h, rows) });
  });
  test("is differentiated again, to the third order", async () => {
    const J = jacobian(at(rnn(), -1), s0);
    const cost = sum(sqr(J));
    expect(String(gradCheck(cost, [W, s0], values as never))).toMatch(/^passed/);
    const again = sum(sqr(grad(cost, s0)));
    expect(String(gradCheck(again, [s0], values as never))).toMatch(/^passed/);
    const JJ = jacobian(J, s0);
    expect(JJ.rank).toBe(3);
    near([JJ], [stack([0, 1, 2].map((i) => stack([0, 1, 2].map((j) => grad(at(J, i, j), s0)))))]);
    await compiledNear({ JJ, again });
  });
  test("has a forward derivative", () => {
    const J = jacobian(softmax(x.dot(W)), x);
    const direction = constant([0.3, -2], "float64");
    const along = jvp(J, x, direction);
    near([along], [jacobian(J, x).dot(direction)]);
  });
  test("works in the step of a scan", async () => {
    const { outputs } = scan(
      (row) => {
        const z = tanh(row.dot(W));
        return sum(sqr(jacobian(z, row)));
      },
      { sequences: rows },
    );
    const z = tanh(rows.dot(W));
    const written = stack(
      [0, 1, 2].map((t) => sum(sqr(stack([0, 1, 2].map((i) => at(grad(at(z, t, i), rows), t)))))),
    );
    near([outputs], [written]);
    await compiledNear({ outputs, slope: grad(sum(outputs), W) });
  });
  test("of nothing has no rows", () => {
    const empty = zeros([0], "float64").mul(sum(x));
    expect(evaluate(jacobian(empty, x), { x: [1, 2] }).shape).toEqual([0, 2]);
  });
  test("takes constants, and zeros without a path", () => {
    const J = jacobian(y.mul(sum(x)), x, { considerConstant: [y] });
    near(
      [J],
      [stack([0, 1, 2].map((i) => grad(sum(x).mul(at(y, i)), x, { considerConstant: [y] })))],
    );
    const other = vector("other", f64);
    const none = jacobian(y, other, { disconnectedInputs: "ignore" });
    expect(evaluate(none, { other: [1] }).shape).toEqual([3, 1]);
    const ids = vector("ids", { dtype: "int32" });
    expect(evaluate(jacobian(ids, x), { ids: [1], x: [1, 2] }).toArray()).toEqual([[0, 0]]);
    expect(evaluate(jacobian(y, ids), { ids: [1] }).shape).toEqual([3, 1]);
  });
});

describe("hessian", () => {
  const cost = sum(sqr(rnn()));
  test("of a list is that of each tensor by itself", async () => {
    const [Hs, HW] = hessian(cost, [s0, W]);
    expect([Hs.rank, HW.rank]).toEqual([2, 4]);
    const row = (of: Tensor) => (i: number) => grad(at(grad(cost, of), i), of);
    near([Hs], [stack([0, 1, 2].map(row(s0)))]);
    await compiledNear({ Hs, HW });
    const { W: w, s0: s, rows: r } = values;
    const H = evaluate(Hs, { W: w, s0: s, rows: r } as never);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(H.data[3 * i + j]).toBeCloseTo(H.data[3 * j + i] ?? Number.NaN, 12);
  });
  test("agrees with differences of the gradient", () => {
    const H = hessian(cost, s0);
    const v = constant([0.3, -1, 2], "float64");
    expect(String(gradCheck(sum(grad(cost, s0).mul(v)), [s0], values as never))).toMatch(/^passed/);
    near([H.dot(v)], [grad(sum(grad(cost, s0).mul(v)), s0)]);
  });
  test("between two tensors is the jacobian of a gradient", () => {
    const a = jacobian(grad(cost, s0), W);
    const b = jacobian(grad(cost, W), s0);
    const weights = constant([1, -2, 0.5], "float64");
    const left = sum(mul(a, weights.dimshuffle([0, "x", "x"])), 0);
    near([left], [sum(mul(b, weights), 2)]);
  });
  test("is zero where the cost is linear", () =>
    expect(evaluate(hessian(sum(x), x), { x: [1, 2] }).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]));
});

describe("hessianVectorProduct", () => {
  const cost = sum(sqr(rnn()));
  const v = constant([0.3, -1, 2], "float64");
  const V = constant(
    [
      [1, 0, -1],
      [0.5, 2, 0.25],
    ],
    "float64",
  );
  test("is the Hessian times the vector, forwards and backwards", async () => {
    const Hv = hessianVectorProduct(cost, s0, v);
    near([Hv, Hv], [hessian(cost, s0).dot(v), jvp(grad(cost, s0), s0, v)]);
    await compiledNear({ Hv, forwards: jvp(grad(cost, s0), s0, v) });
  });
  test("of a list is that of all of them together", () => {
    const [a, b] = hessianVectorProduct(cost, [s0, W], [v, V]);
    const [p, q] = jvp([...grad(cost, [s0, W])], [s0, W], [v, V]);
    if (p === undefined || q === undefined) throw new Error("no tangents");
    near([a, b], [p, q]);
  });
  test("is zero where the cost is linear", () =>
    expect(evaluate(hessianVectorProduct(sum(x), x, x), { x: [1, 2] }).toArray()).toEqual([0, 0]));
});

test("what does not fit is refused", () => {
  const y = tanh(x);
  expect(message(hessian, y, x)).toMatchInlineSnapshot(`
    "ShapeError GRAD_COST_RANK: hessian needs a scalar cost, result of tanh (HERE) is f64[x.shape[0]]
      hint: reduce it first: hessian(sum(cost), ...) or hessian(mean(cost), ...)"
  `);
  expect(refusal(hessianVectorProduct, y, x, x)).toMatch(
    /GRAD_COST_RANK: hessianVectorProduct needs/,
  );
  expect(message(jacobian, y, s0)).toMatchInlineSnapshot(`
    "GradientError GRAD_DISCONNECTED: the expression result of tanh (HERE) does not depend on "s0"
      "s0" was made at HERE
      hint: leave it out of wrt, or pass { disconnectedInputs: "ignore" } to get zeros"
  `);
  expect(message(jacobian, y, x, { knownGrads: [] })).toMatchInlineSnapshot(`
    "ArgumentError GRAD_OPTION: jacobian has no option knownGrads
      hint: the options are considerConstant, disconnectedInputs"
  `);
  expect(refusal(hessian, sum(y), s0)).toMatch(
    /GRAD_DISCONNECTED: the cost .* does not depend on "s0"/,
  );
  expect(refusal(hessianVectorProduct, sum(y), x, max(x))).toMatch(
    /TANGENT_SHAPE: hessianVectorProduct/,
  );
  expect(refusal(hessianVectorProduct, sum(y), x, [])).toMatch(
    /TANGENT_COUNT: hessianVectorProduct/,
  );
  expect(refusal(jacobian, 3, x)).toMatch(/NOT_A_TENSOR: jacobian: the expression is number/);
});
