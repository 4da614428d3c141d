/** The options of grad mean what they mean in Theano. */
import { afterEach, describe, expect, test } from "vitest";
import {
  compile,
  constant,
  evaluate,
  grad,
  matrix,
  onWarning,
  scan,
  sqr,
  stopGradient,
  sum,
  tanh,
  vector,
  type Tensor,
  type Warning,
} from "../../src/index.ts";
import { message, refusal } from "./refusal.ts";

const f64 = { dtype: "float64" } as const;
const x = vector("x", f64);
const w = vector("w", f64);
const h = tanh(x.mul(w));
const cost = sum(sqr(h).mul(x));
const values = { x: [0.5, -1, 2], w: [1, 0.25, -0.5] };
const near = (a: Tensor, b: Tensor): void => {
  const [p, q] = evaluate([a, b, x, w], values);
  for (const [i, v] of p.data.entries()) expect(v).toBeCloseTo(q.data[i] ?? Number.NaN, 12);
};

describe("considerConstant", () => {
  test("stops what passes through a tensor, as stopGradient in the expression would", () => {
    const stopped = grad(sum(sqr(stopGradient(h)).mul(x)), x);
    near(grad(cost, x, { considerConstant: [h] }), stopped);
    expect(refusal(grad, cost, w, { considerConstant: [h] })).toMatch(/GRAD_DISCONNECTED/);
  });
  test("leaves a constant of wrt its own gradient", () => {
    const [gh, gw] = grad(cost, [h, w], { considerConstant: [h], disconnectedInputs: "ignore" });
    near(gh, grad(cost, h));
    expect(evaluate([gw, w], { w: values.w })[0].toArray()).toEqual([0, 0, 0]);
    near(grad(cost, w, { considerConstant: [w] }), grad(cost, w));
  });
  test("holds for states of a scan and for what its step captures", () => {
    const { final } = scan((v, s) => tanh(s.mul(w).add(v)), {
      sequences: matrix("rows", f64),
      outputsInfo: x,
    });
    const all = sum(final.mul(w));
    const direct = grad(sum(stopGradient(final).mul(w)), w);
    const rows = [
      [1, 2, 3],
      [0.5, 0, -1],
    ];
    const stopped = grad(all, w, { considerConstant: [final] });
    const [a, b] = evaluate([stopped, direct, final], { ...values, rows });
    expect(a.toArray()).toEqual(b.toArray());
  });
});

describe("knownGrads", () => {
  const g = constant([1, -2, 0.5], "float64");
  test("begin the walk where there is no cost", () => {
    near(grad(undefined, w, { knownGrads: [[h, g]] }), grad(sum(h.mul(g)), w));
    near(
      grad(undefined, w, { knownGrads: new Map<Tensor, Tensor>([[h, g]]) }),
      grad(sum(h.mul(g)), w),
    );
  });
  test("stand in place of what a cost would give", () => {
    const [gh, gx] = grad(cost, [h, x], { knownGrads: [[h, g]] });
    near(gh, g);
    near(gx, sqr(h).add(grad(sum(h.mul(g)), x)));
  });
  test("of the cost stand in place of 1", () =>
    near(grad(cost, x, { knownGrads: [[cost, constant(3, "float64")]] }), grad(cost, x).mul(3)));
  test("of several tensors add up below them", () => {
    const both = grad(undefined, x, {
      knownGrads: [
        [h, g],
        [cost, constant(2, "float64")],
      ],
    });
    near(both, grad(undefined, x, { knownGrads: [[h, g]] }).add(sqr(h).mul(2)));
  });
  test("of tensors that wrt does not reach change nothing, and integer tensors keep theirs", () => {
    const k = vector("k", { dtype: "int32" });
    const [gx, gk] = grad(cost, [x, k], {
      knownGrads: [
        [vector("other"), vector("d")],
        [k, g],
      ],
    });
    near(gx, grad(cost, x));
    near(gk, g);
  });
  test("take the dtype of their tensor", () => {
    const narrow = constant([1, -2, 0.5]);
    const known = grad(undefined, w, { knownGrads: [[h, narrow]] });
    expect(known.dtype).toBe("float64");
    near(known, grad(sum(h.mul(g)), w));
  });
  test("cut a network in two: the lower half compiles with the gradient that the upper one computed", async () => {
    const middle = vector("middle", f64);
    const given = vector("given", f64);
    const upper = await compile({
      inputs: { middle, x },
      outputs: { g: grad(sum(sqr(middle).mul(x)), middle) },
    });
    const lower = await compile({
      inputs: { x, w, given },
      outputs: { g: grad(undefined, w, { knownGrads: [[h, given]] }) },
    });
    const [at, whole] = evaluate([h, grad(cost, w)], values);
    const found = lower({ ...values, given: upper({ middle: at, x: values.x }).g }).g;
    for (const [i, v] of whole.data.entries()) expect(found.data[i]).toBeCloseTo(v, 12);
  });
});

describe("disconnectedInputs", () => {
  const other = vector("other", f64);
  let stop = (): void => {};
  afterEach(() => stop());

  test('"warn" tells the listeners and gives zeros', () => {
    const warnings: Warning[] = [];
    stop = onWarning((warning) => warnings.push(warning));
    const [, g] = grad(cost, [x, other], { disconnectedInputs: "warn" });
    expect(evaluate(g, { other: [1, 2] }).toArray()).toEqual([0, 0]);
    expect(warnings.map(({ code }) => code)).toEqual(["GRAD_DISCONNECTED"]);
    expect(warnings[0]?.message.replaceAll(/[^\s(]*\/test\/\S+?:\d+:\d+/g, "HERE"))
      .toMatchInlineSnapshot(`
      "GRAD_DISCONNECTED: the cost result of sum (HERE) does not depend on "other"
        "other" was made at HERE"
    `);
    stop();
    const silent: Warning[] = [];
    const again = onWarning((warning) => silent.push(warning));
    grad(cost, [x, other], { disconnectedInputs: "ignore" });
    again();
    expect([warnings.length, silent.length]).toEqual([1, 0]);
  });
  test('"warn" writes to the console while nobody listens', () => {
    const old = console.warn;
    const lines: unknown[] = [];
    console.warn = (line: unknown) => lines.push(line);
    try {
      grad(cost, other, { disconnectedInputs: "warn" });
    } finally {
      console.warn = old;
    }
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('does not depend on "other"');
  });
  test("returnDisconnected says what a missing path gives", () => {
    const [gx, go] = grad(cost, [x, other], {
      disconnectedInputs: "ignore",
      returnDisconnected: "undefined",
    });
    expect(gx?.rank).toBe(1);
    expect(go).toBeUndefined();
    expect(refusal(grad, cost, other, { returnDisconnected: "undefined" })).toMatch(
      /GRAD_DISCONNECTED/,
    );
    const both = { disconnectedInputs: "ignore", returnDisconnected: "zeros" } as const;
    expect(evaluate(grad(cost, other, both), { other: [1] }).toArray()).toEqual([0]);
  });
});

test("what does not fit is refused in words", () => {
  expect(message(grad, undefined, x)).toMatchInlineSnapshot(`
    "ArgumentError GRAD_NO_COST: grad has neither a cost nor knownGrads
      hint: give a scalar cost, or gradients to begin with: grad(undefined, W, { knownGrads: [[h, dh]] })"
  `);
  expect(message(grad, cost, x, { considerConstant: h })).toMatchInlineSnapshot(`
    "ArgumentError GRAD_OPTION: grad: considerConstant is not a list
      hint: give a list of tensors: considerConstant: [h]"
  `);
  expect(message(grad, cost, x, { considerConstant: [h, 3] })).toMatchInlineSnapshot(
    `"ArgumentError NOT_A_TENSOR: grad: considerConstant[1] is number, not a tensor"`,
  );
  expect(message(grad, cost, x, { knownGrads: [h, x] })).toMatchInlineSnapshot(`
    "ArgumentError GRAD_OPTION: grad: knownGrads holds something other than pairs of tensors
      hint: give a Map from tensors to their gradients, or a list: knownGrads: [[h, dh]]"
  `);
  expect(
    message(grad, cost, x, {
      knownGrads: [
        [h, x],
        [h, x],
      ],
    }),
  ).toMatchInlineSnapshot(`
    "ArgumentError GRAD_OPTION: grad: knownGrads gives two gradients of result of tanh (HERE)
      hint: give one: their sum"
  `);
  expect(message(grad, cost, x, { knownGrads: [[h, vector("k", { dtype: "int32" })]] }))
    .toMatchInlineSnapshot(`
    "DTypeError KNOWN_GRAD_DTYPE: grad: the known gradient of result of tanh (HERE) is i32[k.shape[0]]; gradients are floating
      hint: convert it: cast(gradient, "float32")"
  `);
  expect(message(grad, cost, x, { knownGrads: [[h, cost]] })).toMatchInlineSnapshot(`
    "ShapeError TANGENT_SHAPE: grad: the direction for result of tanh (HERE) f64[w.shape[0]] is f64[]
      hint: a direction has the shape and dtype of its tensor"
  `);
  expect(message(grad, undefined, x, { knownGrads: [[w, x]] })).toMatchInlineSnapshot(`
    "GradientError GRAD_DISCONNECTED: no tensor of knownGrads depends on "x"
      "x" was made at HERE
      hint: leave it out of wrt, or pass { disconnectedInputs: "ignore" } to get zeros"
  `);
  expect(message(grad, cost, x, { disconnectedInputs: "zero" })).toMatchInlineSnapshot(`
    "ArgumentError GRAD_OPTION: grad: disconnectedInputs cannot be "zero"
      hint: it is "raise", "warn" or "ignore""
  `);
  expect(refusal(grad, cost, x, { disconnectedInputs: ["raise"] })).toMatch(
    /cannot be \["raise"\]/,
  );
  expect(message(grad, cost, x, { returnDisconnected: "none" })).toMatchInlineSnapshot(`
    "ArgumentError GRAD_OPTION: grad: returnDisconnected cannot be "none"
      hint: it is "zeros" or "undefined""
  `);
});
