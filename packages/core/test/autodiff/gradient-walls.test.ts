/** gradClip, gradScale and gradReverse: identities whose gradients are not 1, outside of scans and at every step of one. */
import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  constant,
  evaluate,
  grad,
  gradClip,
  gradReverse,
  gradScale,
  jvp,
  scalar,
  scan,
  sqr,
  sum,
  tanh,
  tensor,
  vector,
  vjp,
  type Tensor,
} from "../../src/index.ts";
import { message, refusal } from "../api/refusal.ts";

const f64 = { dtype: "float64" } as const;
const x = vector("x", f64);
const k = scalar("k", f64);

async function compiledGrad(
  cost: Tensor,
  wrt: Tensor,
  inputs: Record<string, Tensor>,
  values: object,
): Promise<unknown> {
  const g = grad(cost, wrt);
  const [reference] = evaluate([g], values as never);
  for (const optimize of ["full", "fast", "none"] as const) {
    const f = await compile({ inputs, outputs: { g, cost }, optimize });
    expect(f(values as never).g.toArray(), optimize).toEqual(reference.toArray());
  }
  return reference.toArray();
}

describe("outside of scans", () => {
  test("the gradient is clipped, entry by entry; values are not", async () => {
    const y = gradClip(x, -1, 0.5);
    expect(evaluate(y, { x: [-7, 9] }).toArray()).toEqual([-7, 9]);
    expect(
      await compiledGrad(sum(y.mul(constant([-3, 0.25, 4]))), x, { x }, { x: [1, 2, 3] }),
    ).toEqual([-1, 0.25, 0.5]);
  });
  test("bounds may be scalars of the graph", async () => {
    const y = gradClip(x, k.neg(), k);
    const values = { x: [1, 2], k: 2 };
    expect(await compiledGrad(sum(y.mul(constant([-3, 1]))), x, { x, k }, values)).toEqual([-2, 1]);
    expect(evaluate(grad(sum(y.mul(y)), k, { disconnectedInputs: "ignore" })).item()).toBe(0);
  });
  test("a second derivative goes through what was not clipped, and is clipped itself", async () => {
    const g = grad(sum(sqr(gradClip(x, -1, 1))), x);
    expect(await compiledGrad(sum(g), x, { x }, { x: [0.25, 3] })).toEqual([1, 0]);
  });
  test("NaN stays NaN", () =>
    expect(
      evaluate(grad(sum(gradClip(x, -1, 1).mul(Number.NaN)), x), { x: [1] }).item(),
    ).toBeNaN());
  test("gradScale multiplies it, also by a scalar that a call gives; gradReverse turns it", async () => {
    const values = { x: [1, 2], k: 0.25 };
    expect(await compiledGrad(sum(sqr(gradScale(x, k))), x, { x, k }, values)).toEqual([0.5, 1]);
    expect(await compiledGrad(sum(sqr(gradReverse(x))), x, { x }, { x: [1, 2] })).toEqual([-2, -4]);
    expect(
      await compiledGrad(sum(sqr(x.gradScale(3).gradClip(-1, 9))), x, { x }, { x: [1, 2] }),
    ).toEqual([6, 12]);
  });
  test("integers pass as they are", () => {
    const ids = vector("ids", { dtype: "int32" });
    for (const y of [gradClip(ids, -1, 1), gradScale(ids, 0.5), gradReverse(ids)])
      expect(evaluate(y, { ids: [3] }).toArray()).toEqual([3]);
  });
});

describe("in the step of a scan", () => {
  const w = scalar("w", f64);
  const rows = tensor("rows", { shape: ["T", 2], ...f64 });
  const data = [
    [1, 2],
    [0.5, -1],
    [2, 1],
  ];
  const values = { rows: data, w: 2 };
  const run = (wall: (s: Tensor) => Tensor, lengths?: Tensor<"int32">): Tensor =>
    scan((r, s) => wall(s).mul(w).add(r), {
      sequences: rows,
      outputsInfo: constant([0, 0], "float64"),
      ...(lengths === undefined ? {} : { lengths }),
    }).final;

  test("clips at every step", async () => {
    const cost = sum(run((s) => gradClip(s, -1.5, 1.5)));
    expect(await compiledGrad(cost, rows, { rows, w }, values)).toEqual([
      [1.5, 1.5],
      [1.5, 1.5],
      [1, 1],
    ]);
  });
  test("clips at every step of its own sequence", async () => {
    const lengths = tensor("lengths", { shape: [2], dtype: "int32" });
    const cost = sum(run((s) => gradClip(s, -1.5, 1.5), lengths));
    const padded = [data[0], [0.5, Number.NaN], [2, Number.NaN]];
    const g = await compiledGrad(
      cost,
      rows,
      { rows, w, lengths },
      { rows: padded, w: 2, lengths: [3, 1] },
    );
    expect(g).toEqual([
      [1.5, 1],
      [1.5, 0],
      [1, 0],
    ]);
  });
  test("scales at every step: the factor to the power of the steps between", async () => {
    const cost = sum(run((s) => gradScale(s, 0.5)));
    expect(await compiledGrad(cost, rows, { rows, w }, values)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });
  test("gradScale is its own transpose, and differentiates again", async () => {
    const y = tanh(run((s) => gradScale(tanh(s), 0.3)));
    const [v, c] = [tensor("v", { shape: ["T", 2], ...f64 }), vector("c", f64)];
    const more = { ...values, v: data, c: [0.5, 3] };
    const [a, b] = evaluate([sum(jvp(y, rows, v).mul(c)), sum(vjp(y, rows, c).mul(v))], more);
    expect(a.item()).toBeCloseTo(b.item(), 12);
    const g = grad(sum(y), rows);
    const second = add(sum(sqr(g)), sum(g));
    const [p, q] = evaluate([sum(jvp(second, rows, v)), sum(grad(second, rows).mul(v))], {
      ...values,
      v: data,
    });
    expect(p.item()).toBeCloseTo(q.item(), 12);
  });
});

test("what makes no sense is refused", () => {
  expect(message(gradClip, x, 1, -1)).toMatchInlineSnapshot(`
    "ArgumentError GRAD_CLIP_BOUNDS: gradClip: no gradient is between 1 and -1
      hint: the lower bound comes first: gradClip(x, -1, 1)"
  `);
  expect(refusal(gradClip, x, Number.NaN, 1)).toMatch(
    /GRAD_CLIP_BOUNDS: gradClip: no gradient is between NaN and 1/,
  );
  expect(message(gradClip, x, -1)).toMatchInlineSnapshot(`
    "ArgumentError OPERAND: gradClip: upper is undefined
      hint: give a tensor, a number, nested arrays of numbers or an NDArray; x[-1] is index(x, -1)"
  `);
  expect(message(gradScale, x, vector("factors"))).toMatchInlineSnapshot(`
    "ShapeError GRAD_SCALAR: gradScale: factor "factors" is f32[factors.shape[0]], not a scalar
      hint: give a number, or a tensor without axes"
  `);
  expect(message(gradScale, x, [1, 2])).toMatchInlineSnapshot(`
    "ShapeError GRAD_SCALAR: gradScale: factor is f64[2], not a scalar
      hint: give a number, or a tensor without axes"
  `);
  expect(message(gradReverse, "x")).toMatchInlineSnapshot(`
    "ArgumentError OPERAND: gradReverse: argument 1 is "x"
      hint: give a tensor, a number, nested arrays of numbers or an NDArray"
  `);
  expect(message(() => jvp(sum(gradClip(x, -1, 1)), x, x))).toMatchInlineSnapshot(`
    "UnsupportedError GRAD_CLIP_JVP: gradClip of "x" has no forward derivative: clipping a gradient is not linear
      used at HERE
      hint: use grad or vjp; for a Hessian times a vector, hessianVectorProduct"
  `);
});
