/** Prefix combinations, in order and by both numerics. */
import { describe, expect, test } from "vitest";
import {
  associativeScan,
  compile,
  evaluate,
  grad,
  hessianVectorProduct,
  jvp,
  matmul,
  maximum,
  mul,
  scan,
  shared,
  sqr,
  sum,
  tanh,
  tensor,
  tensor3,
  vector,
  type Tensor,
} from "../../src/index.ts";
import { data, linear, type Recurrence } from "./linear-recurrence.ts";
import { message, refusal } from "./refusal.ts";

const [a, x] = [vector("a", { dtype: "float64" }), vector("x", { dtype: "float64" })];
const aT = tensor("a", { shape: ["T"], dtype: "float64" });
const xT = tensor("x", { shape: ["T"], dtype: "float64" });

describe("a linear recurrence", () => {
  const h = linear(aT, xT);
  const cost = sum(sqr(h));
  const outputs = {
    h,
    back: linear(aT, xT, true),
    da: grad(cost, aT),
    dx: grad(cost, xT),
    along: jvp(h, xT, tanh(xT)),
    second: hessianVectorProduct(cost, xT, tanh(xT)),
  };
  const plain = scan((at = aT, xt = xT, state = xT) => mul(at, state).add(xt), {
    sequences: [aT, xT],
    outputsInfo: 0,
  }).outputs;
  const plainCost = sum(sqr(plain));
  const loop = {
    h: plain,
    da: grad(plainCost, aT),
    dx: grad(plainCost, xT),
    along: jvp(plain, xT, tanh(xT)),
    second: hessianVectorProduct(plainCost, xT, tanh(xT)),
  };
  test.each([1, 2, 3, 255, 256, 257, 1000])("of %i rows is the loop, in every way", async (n) => {
    const values = data(n);
    const wanted = evaluate(loop, values);
    const inputs = { a: aT, x: xT };
    const ways = [
      evaluate(outputs, values),
      (await compile({ inputs, outputs }))(values),
      (await compile({ inputs, outputs, optimize: "none" }))(values),
      (await compile({ inputs, outputs, numerics: "fast" }))(values),
      (await compile({ inputs, outputs, numerics: "fast", optimize: "none" }))(values),
    ];
    for (const [way, got] of ways.entries()) {
      for (const name of ["h", "da", "dx", "along", "second"] as const)
        for (const [t, y] of wanted[name].data.entries())
          expect(got[name].data[t], `${way} ${name}[${t}]`).toBeCloseTo(y, 9);
      let state = 0;
      for (let t = n - 1; t >= 0; t--) {
        state = (values.a[t] ?? 0) * state + (values.x[t] ?? 0);
        expect(got.back.data[t], `${way} back[${t}]`).toBeCloseTo(state, 9);
      }
    }
  });
  test("portable is the loop bit for bit, for floats of single precision too", async () => {
    const [a32, x32] = [
      tensor("a", { shape: ["T"], dtype: "float32" }),
      tensor("x", { shape: ["T"], dtype: "float32" }),
    ];
    const values = data(700);
    const inputs = { a: a32, x: x32 };
    const states = scan((at = a32, xt = x32, state = x32) => mul(at, state).add(xt), {
      sequences: [a32, x32],
      outputsInfo: 0,
    }).outputs;
    const call = await compile({ inputs, outputs: { h: linear(a32, x32), states } });
    const { h: got, states: wanted } = call(values);
    expect(got.toArray()).toEqual(wanted.toArray());
    const fast = await compile({ inputs, outputs: { h: linear(a32, x32) }, numerics: "fast" });
    for (const [t, y] of fast(values).h.data.entries())
      expect(Math.abs(y - (wanted.data[t] ?? NaN))).toBeLessThan(1e-5);
  });
});

describe("other combinations", () => {
  test("running maxima, and products of matrices, which do not commute", async () => {
    const m = tensor3("m", { dtype: "float64" });
    const outputs = {
      top: associativeScan((p: Tensor, q: Tensor) => maximum(p, q), x),
      product: associativeScan((p: Tensor, q: Tensor) => matmul(p, q), m),
    };
    const n = 300;
    const turn = (t: number): number[][] => [
      [Math.cos(t), -Math.sin(t) * 0.5],
      [Math.sin(t), Math.cos(2 * t)],
    ];
    const values = { x: data(n).x, m: Array.from({ length: n }, (_, t) => turn(t)) };
    for (const numerics of ["portable", "fast"] as const) {
      const got = (await compile({ inputs: { x, m }, outputs, numerics }))(values);
      let [top, product] = [
        -Infinity,
        [
          [1, 0],
          [0, 1],
        ],
      ];
      for (let t = 0; t < n; t++) {
        top = Math.max(top, values.x[t] ?? 0);
        const right = turn(t);
        product = product.map((row) =>
          [0, 1].map((j) => row.reduce((s, v, k) => s + v * (right[k]?.[j] ?? 0), 0)),
        );
        expect(got.top.data[t]).toBe(top);
        for (const [k, v] of product.flat().entries())
          expect(got.product.data[4 * t + k]).toBeCloseTo(v, 9);
      }
    }
  });
  test("with variables from outside, inside a step of scan", async () => {
    const w = shared(0.5, { name: "w", dtype: "float64" });
    const rows = tensor("rows", { shape: ["S", "T"], dtype: "float64" });
    const { outputs } = scan(
      (row = x) => associativeScan((p: Tensor, q: Tensor) => p.add(q).add(p.mul(q).mul(w)), row),
      { sequences: rows },
    );
    const spec = { inputs: { rows }, outputs: { outputs, dw: grad(sum(outputs), w) } };
    const values = {
      rows: [
        [0.1, 0.2, 0.3],
        [0.4, -0.1, 0.2],
      ],
    };
    const wanted = evaluate(spec.outputs, values);
    for (const numerics of ["portable", "fast"] as const) {
      const got = (await compile({ ...spec, numerics }))(values);
      for (const name of ["outputs", "dw"] as const)
        for (const [i, y] of wanted[name].data.entries())
          expect(got[name].data[i]).toBeCloseTo(y, 9);
    }
  });
});

describe("refuses", () => {
  const loose = associativeScan as (...args: unknown[]) => unknown;
  const plus = (p: Tensor, q: Tensor): Tensor => p.add(q);
  test("what is no function, no rows, or no option", () => {
    expect(message(loose, x, plus)).toMatchInlineSnapshot(`
      "ArgumentError ASSOCIATIVE_COMBINE: associativeScan: combine is object
        hint: give the function first: associativeScan((a, b) => a.add(b), x)"
    `);
    expect(message(loose, plus, { s: tensor("s", { shape: [], dtype: "float32" }) }))
      .toMatchInlineSnapshot(`
      "ArgumentError ASSOCIATIVE_ELEMENTS: associativeScan: s is "s" f32[]
        hint: elements have rows on axis 0: [T, ...]"
    `);
    expect(refusal(loose, plus, [x])).toMatch(
      /ASSOCIATIVE_ELEMENTS: associativeScan: the elements/,
    );
    const [three, four] = [3, 4].map((n) => tensor(`x${n}`, { shape: [n] }));
    expect(message(loose, plus, { three, four })).toMatchInlineSnapshot(`
      "ShapeError ASSOCIATIVE_ROWS: associativeScan: "x3" has 3 rows, "x4" 4
        hint: give elements with equally many rows: cut the longer ones"
    `);
    expect(message(loose, plus, x, { backwards: true })).toMatchInlineSnapshot(`
      "ArgumentError ASSOCIATIVE_OPTION: associativeScan has no option backwards
        hint: the options are reverse, name"
    `);
  });
  test("combinations that change their form", () => {
    expect(
      message(loose, (p: Tensor, q: Tensor) => sum(p.add(q)), x, { name: "sums" }).replace(
        /made at .*/,
        "made",
      ),
    ).toMatchInlineSnapshot(`
      "ShapeError ASSOCIATIVE_RESULT: associativeScan "sums": combine takes f64[1] and its result is f64[]
        made
        hint: combine works on many pairs at once: [n, ...] and [n, ...] give [n, ...]"
    `);
    expect(refusal(loose, () => 1, x)).toMatch(/ASSOCIATIVE_RESULT: .* gives no tensor/);
    expect(refusal(loose, (p: Recurrence) => ({ a: p.a }), { a: aT, h: xT })).toMatch(/gives no h/);
  });
  test("rows that are not equally many, at the call", async () => {
    const h = linear(a, x);
    const call = await compile({ inputs: { a, x }, outputs: { h } });
    expect(call({ a: [2, 2], x: [1, 1] }).h.toArray()).toEqual([1, 3]);
    expect(message(call, { a: [2], x: [1, 1] })).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: associativeScan: "a" has a.shape[0] rows, "x" x.shape[0]: 1 is not 2
        a.shape[0] = 1, x.shape[0] = 2
        hint: give elements with equally many rows: cut the longer ones"
    `);
  });
  test("no rows at all, at the call", async () => {
    const call = await compile({ inputs: { x }, outputs: { y: associativeScan(plus, x) } });
    expect(message(call, { x: [] })).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: associativeScan: "x" has no rows: 0 is less than 1
        x.shape[0] = 0
        hint: the first row is the first result: give one at least"
    `);
    const fast = await compile({
      inputs: { x },
      outputs: { y: associativeScan(plus, x) },
      numerics: "fast",
    });
    expect(message(fast, { x: [] })).toBe(message(call, { x: [] }));
    expect(message(loose, plus, tensor("none", { shape: [0] }))).toMatchInlineSnapshot(`
      "ShapeError ASSOCIATIVE_ROWS: associativeScan: "none" has no rows
        hint: the first row is the first result: give one at least"
    `);
  });
});
