/** evaluate, print, gradCheck, gradients and methods as users meet them. */
import { describe, expect, test } from "vitest";
import {
  arange,
  evaluate,
  grad,
  gradCheck,
  jvp,
  matrix,
  print,
  scalar,
  scan,
  shared,
  stopGradient,
  sum,
  tanh,
  tensor,
  vector,
  vjp,
  where,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

const x = vector("x", { dtype: "float64" });

describe("evaluate", () => {
  test("answers in the form of the question", () => {
    expect(evaluate(x.mul(2), { x: [1] }).toArray()).toEqual([2]);
    expect(evaluate([x, x.sum()], { x: [1, 2] })[1].item()).toBe(3);
    expect(evaluate({ total: x.sum() }, new Map([[x, [1, 2]]])).total.item()).toBe(3);
  });
  test("takes inputs that only give a size", () => {
    const m = matrix("m");
    expect(evaluate(zeros([m.size(0), 2]), { m: [[1], [2], [3]] }).shape).toEqual([3, 2]);
    expect(evaluate(arange(m.size(-1).mul(2)), { m: [[1, 2]] }).toArray()).toEqual([0, 1, 2, 3]);
  });
  test("names what is missing, unknown or ambiguous", () => {
    expect(messageOf(() => evaluate(x, {}))).toMatchInlineSnapshot(`
      "GraphError EVALUATE_MISSING: no value for input "x"
        made at HERE
        hint: the expression needs: x"
    `);
    expect(messageOf(() => evaluate(x, { x: [1], y: 2 }))).toMatchInlineSnapshot(`
      "ArgumentError EVALUATE_UNKNOWN: the expression has no input "y"
        hint: did you mean "x"? It needs: x"
    `);
    expect(messageOf(() => evaluate(x.add(vector("x")), { x: [1] }))).toMatchInlineSnapshot(`
      "GraphError EVALUATE_AMBIGUOUS: 2 inputs are called "x"
        hint: give values in a Map from the inputs themselves"
    `);
  });
  test("says when a tensor belongs to the inside of a scan", () => {
    const leaked: Tensor[] = [];
    scan((v) => (leaked.push(v), v), { sequences: x, name: "leaky" });
    expect(messageOf(() => evaluate(leaked))).toMatchInlineSnapshot(`
      "GraphError EVALUATE_MISSING: "x[t]" belongs to the inside of scan "leaky" and has no value outside
        hint: return it from the step as an output"
    `);
  });
});

describe("a tensor", () => {
  test("has no truth value and no elements", () => {
    expect(messageOf(() => Number(x))).toMatchInlineSnapshot(`
      "ArgumentError NO_VALUE: "x" f64[x.shape[0]] is symbolic: it has no value while the graph is built, and is not iterable
        made at HERE
        hint: compute with methods: x.mul(2), x.add(y); choose with where(cond, a, b), loop with scan, look at a value with evaluate(x, { ... })"
    `);
    expect(messageOf(() => [...(x as unknown as Iterable<number>)])).toMatchInlineSnapshot(`
      "ArgumentError NO_VALUE: "x" f64[x.shape[0]] is symbolic: it has no value while the graph is built, and is not iterable
        made at HERE
        hint: compute with methods: x.mul(2), x.add(y); choose with where(cond, a, b), loop with scan, look at a value with evaluate(x, { ... })"
    `);
  });
  test("has methods for the functions", () => {
    const m = matrix("m", { dtype: "float64" });
    const results = evaluate(
      [
        m.T,
        m.dot(m.T),
        m.max(1),
        m.reshape([-1]),
        m.index(0, { stop: m.size(1).sub(1) }),
        m.gt(1).where(m, 0),
      ],
      {
        m: [
          [1, 2],
          [3, 4],
        ],
      },
    );
    expect(results.map((r) => r.toArray())).toEqual([
      [
        [1, 3],
        [2, 4],
      ],
      [
        [5, 11],
        [11, 25],
      ],
      [2, 4],
      [1, 2, 3, 4],
      [1],
      [
        [0, 2],
        [3, 4],
      ],
    ]);
  });
});

describe("derivatives", () => {
  const W = shared(
    [
      [0.5, -1],
      [0.25, 2],
    ],
    { name: "W", dtype: "float64" },
  );
  const y = tanh(x.dot(W));
  test("agree with differences, which name the worst entry where they do not", () => {
    expect(gradCheck(sum(y), [W, x], { x: [1, 2] }).passed).toBe(true);
    const wrong = sum(x.mul(stopGradient(x)));
    const report = gradCheck(wrong, [x], { x: [0.25, 3] });
    expect(report.passed).toBe(false);
    expect(report.worst).toMatchObject({ tensor: '"x"', index: [1], exact: 3 });
    expect(String(report)).toMatch(/^FAILED: worst at "x"\[1\]: exact 3, numeric /);
  });
  test("forward and backward are transposes of each other", () => {
    const [v, c] = [vector("v", { dtype: "float64" }), vector("c", { dtype: "float64" })];
    const values = { x: [1, 2], v: [3, -1], c: [0.5, 2] };
    const [a, b] = evaluate([jvp(y, x, v).dot(c), vjp(y, x, c).dot(v)], values);
    expect(a.item()).toBeCloseTo(b.item(), 12);
  });
  test("refuse costs and directions that do not fit", () => {
    expect(messageOf(() => grad(y, x))).toMatchInlineSnapshot(`
      "ShapeError GRAD_COST_RANK: grad needs a scalar cost, result of tanh (HERE) is f64[2]
        hint: reduce it first: grad(sum(cost), ...) or grad(mean(cost), ...)"
    `);
    expect(messageOf(() => grad(sum(y), vector("z")))).toMatchInlineSnapshot(`
      "GradientError GRAD_DISCONNECTED: the cost result of sum (HERE) does not depend on "z"
        "z" was made at HERE
        hint: leave it out of wrt, or pass { disconnectedInputs: "ignore" } to get zeros"
    `);
    expect(messageOf(() => jvp(y, x, scalar("v", { dtype: "float64" })))).toMatchInlineSnapshot(`
      "ShapeError TANGENT_SHAPE: jvp: the direction for "x" f64[x.shape[0]] is f64[]
        hint: a direction has the shape and dtype of its tensor"
    `);
    expect(messageOf(() => vjp(y, x, []))).toMatchInlineSnapshot(`
      "ArgumentError TANGENT_COUNT: vjp: 1 tensors and 0 directions
        hint: give one for each"
    `);
    expect(messageOf(() => grad(3 as unknown as Tensor, x))).toMatchInlineSnapshot(
      `"ArgumentError NOT_A_TENSOR: grad: the cost is number, not a tensor"`,
    );
  });
  test("are zeros without a path where that is asked for", () =>
    expect(evaluate(grad(sum(x), W, { disconnectedInputs: "ignore" })).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]));
});

test("a graph prints as text, scans with their steps inside", () => {
  const rows = tensor("rows", { shape: ["T", 2] });
  const { outputs } = scan({
    name: "rnn",
    sequences: { row: rows },
    init: { h: zeros([2]) },
    step: ({ row, h }) => ({ h: where(row.gt(0), tanh(h.add(row)), h) }),
  });
  expect(print({ h: outputs.h })).toMatchInlineSnapshot(`
    "rows: input f32[T, 2]
    %1 f32[2] = broadcastTo[shape: [2]](0)
    h f32[2], %3 f32[T, 2], h'2 f32[T, 2] = scan[name: rnn, length: T, reverse: false, consts: 0, carries: 1, xs: 1](%1, rows)
      step(h[t-1] f32[2], row[t] f32[2]) {
        %7 bool[2] = gt(row[t], 0)
        %8 f32[2] = add(h[t-1], row[t])
        %9 f32[2] = tanh(%8)
        %10 f32[2] = where(%7, %9, h[t-1])
        return %10, %10
      }
    return h'2"
  `);
});
