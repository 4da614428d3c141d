/** customGrad: gradients of the user's own, compiled and not, in steps of scans, forwards and to higher order. */
import { describe, expect, test } from "vitest";
import {
  compile,
  concatenate,
  constant,
  customGrad,
  div,
  evaluate,
  exp,
  grad,
  gradCheck,
  jvp,
  mul,
  print,
  round,
  scalar,
  scan,
  shared,
  sqr,
  sqrt,
  stepResult,
  sum,
  tanh,
  tensor,
  vector,
  vjp,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { message, refusal } from "../api/refusal.ts";

const f64 = { dtype: "float64" } as const;
const x = vector("x", f64);
const w = vector("w", f64);

const swish = customGrad({
  name: "swish",
  forward: (v: Tensor) => v.mul(v.sigmoid()),
  pullback: ({ inputs: [v], outputs: [y], cotangents: [g] }) =>
    g.mul(y.add(v.sigmoid().mul(y.neg().add(1)))),
  pushforward: ({ inputs: [v], outputs: [y], tangents: [t] }) =>
    t.mul(y.add(v.sigmoid().mul(y.neg().add(1)))),
});
const roundThrough = customGrad({
  name: "roundThrough",
  forward: (v: Tensor) => round(v),
  pullback: ({ cotangents: [g] }) => g,
});
/** Two inputs, two results; the second input is stretched. */
const polar = customGrad({
  name: "polar",
  forward: (a: Tensor, b: Tensor) => [mul(a, b), sum(sqr(a))],
  pullback: ({ inputs: [a, b], cotangents: [g, h] }) => [
    g.mul(b).add(a.mul(2).mul(h)),
    sum(g.mul(a)),
  ],
});

async function everywhere(
  outputs: Record<string, Tensor>,
  inputs: Record<string, Tensor>,
  values: object,
): Promise<void> {
  const expected = evaluate(Object.values(outputs), values as never);
  for (const optimize of ["full", "fast", "none"] as const) {
    const f = await compile({ inputs, outputs, optimize });
    const got = f(values as never);
    for (const [i, name] of Object.keys(outputs).entries())
      for (const [k, v] of (expected[i]?.data ?? []).entries())
        expect(got[name]?.data[k], `${name} ${optimize}`).toBeCloseTo(v, 12);
  }
}

describe("a function with a gradient of its own", () => {
  test("computes forwards, and backwards what its rule says", () => {
    expect(evaluate(roundThrough(x), { x: [0.4, 1.6] }).toArray()).toEqual([0, 2]);
    expect(evaluate(grad(sum(sqr(roundThrough(x))), x), { x: [0.4, 1.6] }).toArray()).toEqual([
      0, 4,
    ]);
  });
  test("a right rule passes differences, to the third order", () => {
    const cost = sum(sqr(swish(x)));
    const first = sum(sqr(grad(cost, x)));
    const second = sum(sqr(grad(first, x)));
    for (const c of [cost, first, second])
      expect(String(gradCheck(c, [x], { x: [0.3, -1.2] }))).toMatch(/^passed/);
  });
  test("compiles, with every list of passes", async () => {
    const y = swish(x.mul(w));
    const g = grad(sum(sqr(y)), [x, w]);
    const again = grad(sum(sqr(g[0])), w);
    await everywhere({ y, gx: g[0], gw: g[1], again }, { x, w }, { x: [0.3, -1.2], w: [2, 0.5] });
  });
  test("takes several tensors and gives several", async () => {
    const k = scalar("k", f64);
    const [p, q] = polar(x, k);
    const cost = sum(sqr(p)).add(q);
    const values = { x: [0.3, -1.2], k: 2 };
    expect(String(gradCheck(cost, [x, k], values))).toMatch(/^passed/);
    const [gx, gk] = grad(cost, [x, k]);
    await everywhere({ p, q, gx, gk }, { x, k }, values);
    // Only one result is used: the cotangent of the other one is zero.
    expect(String(gradCheck(q, [x], values))).toMatch(/^passed/);
  });
  test("arguments may depend on each other", () => {
    const k = scalar("k", f64);
    const [p, q] = polar(x.mul(k), k);
    expect(String(gradCheck(sum(sqr(p)).add(q), [x, k], { x: [0.3, -1.2], k: 0.7 }))).toMatch(
      /^passed/,
    );
  });
  test("null passes no gradient", () => {
    const half = customGrad({
      name: "half",
      forward: (a: Tensor, b: Tensor) => a.mul(b),
      pullback: ({ inputs: [, b], cotangents: [g] }) => [g.mul(b), null],
    });
    const g = grad(sum(half(x, w)), [x, w], { disconnectedInputs: "ignore" });
    const [gx, gw] = evaluate([...g, x], { x: [1, 2], w: [3, 4] });
    expect([gx?.toArray(), gw?.toArray()]).toEqual([
      [3, 4],
      [0, 0],
    ]);
  });
  test("prints under its name, with its body", () =>
    expect(print(roundThrough(vector("v")))).toMatchInlineSnapshot(`
      "v: input f32[v.shape[0]]
      %1 f32[v.shape[0]] = roundThrough(v)
        body(v'2 f32[v.shape[0]]) {
          %3 f32[v.shape[0]] = round(v'2)
          return %3
        }
      return %1"
    `));
});

describe("forwards", () => {
  test("a pushforward is the transpose of its pullback", () => {
    const [v, c] = [vector("v", f64), vector("c", f64)];
    const y = tanh(swish(x));
    const [a, b] = evaluate([sum(jvp(y, x, v).mul(c)), sum(vjp(y, x, c).mul(v))], {
      x: [0.3, -1.2],
      v: [1, 2],
      c: [-1, 0.5],
    });
    expect(a.item()).toBeCloseTo(b.item(), 12);
  });
  test("without one there is none", () =>
    expect(message(() => jvp(sum(roundThrough(x)), x, x))).toMatchInlineSnapshot(`
      "GradientError NO_JVP: op roundThrough has no forward derivative rule
        used at HERE
        hint: give it a pushforward beside its pullback, or use grad and vjp"
    `));
});

describe("in the step of a scan", () => {
  const rows = tensor("rows", { shape: ["T", 2], ...f64 });
  const data = [
    [0.4, 1.2],
    [-0.5, 0.25],
    [1, -2],
  ];
  const run = (options: object = {}): Tensor =>
    scan((r, s) => swish(s.mul(w).add(r)), {
      sequences: rows,
      outputsInfo: zeros([2], "float64"),
      ...options,
    }).outputs;
  test("has its rule at every step, compiled too, to second order", async () => {
    const cost = sum(sqr(run()));
    const values = { rows: data, w: [0.5, -1.5] };
    expect(String(gradCheck(cost, [rows, w], values))).toMatch(/^passed/);
    const again = sum(sqr(grad(cost, w)));
    expect(String(gradCheck(again, [rows, w], values))).toMatch(/^passed/);
    const [gr, gw] = grad(cost, [rows, w]);
    const forwards = jvp(cost, w, w);
    await everywhere({ cost, gr, gw, again: grad(again, rows), forwards }, { rows, w }, values);
  });
  test("NaN in padding changes nothing, where the rule divides too", async () => {
    const root = customGrad({
      name: "root",
      forward: (v: Tensor) => sqrt(v),
      pullback: ({ outputs: [y], cotangents: [g] }) => div(g, y.mul(2)),
    });
    const lengths = tensor("lengths", { shape: [2], dtype: "int32" });
    const W = shared(
      [
        [0.3, 0.1],
        [0.2, 0.4],
      ],
      { name: "W", ...f64 },
    );
    const seqs = tensor("seqs", { shape: ["T", 2, 2], ...f64 });
    const { final } = scan((r, s) => root(r.dot(W)).add(s), {
      sequences: seqs,
      outputsInfo: zeros([2, 2], "float64"),
      lengths,
    });
    const g = grad(sum(final), W);
    const batch = (pad: number): object => ({
      seqs: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [pad, pad],
        ],
      ],
      lengths: [2, 1],
    });
    const [a, b, c] = [0, Number.NaN, -5].map((pad) => evaluate(g, batch(pad) as never).toArray());
    expect(b).toEqual(a);
    expect(c).toEqual(a);
    expect([...evaluate(g, batch(0) as never).data].every(Number.isFinite)).toBe(true);
    const f = await compile({ inputs: { seqs, lengths }, outputs: { g } });
    expect(f(batch(Number.NaN) as never).g.toArray()).toEqual(f(batch(0) as never).g.toArray());
  });
  test("arguments of the step and shared variables are arguments of the function", () => {
    const k = shared(2, { name: "k", ...f64 });
    const scaled = customGrad({
      name: "scaled",
      forward: (v: Tensor, factor: Tensor) => v.mul(factor),
      pullback: ({ inputs: [v, factor], cotangents: [g] }) => [g.mul(factor), sum(g.mul(v))],
    });
    const { final } = scan((r, s) => scaled(tanh(s.add(r)), k), {
      sequences: rows,
      outputsInfo: zeros([2], "float64"),
    });
    expect(String(gradCheck(sum(final), [rows, k], { rows: data }))).toMatch(/^passed/);
  });
});

describe("wherever graphs are taken apart", () => {
  test("in the condition that ends a scan, and in scans inside steps", async () => {
    const { outputs } = scan(
      (r, s) => {
        const inner = scan((u: Tensor) => swish(u.mul(w)), {
          outputsInfo: s.add(r),
          nSteps: 2,
        }).final;
        return stepResult(inner, { until: sum(swish(inner)).gt(0.5) });
      },
      { sequences: x.expandDims(1), outputsInfo: w },
    );
    const cost = sum(sqr(outputs));
    const values = { x: [0.1, 0.2, 3, 1], w: [0.9] };
    expect(evaluate(outputs, values).shape).toEqual([3, 1]);
    const [gx, gw] = grad(cost, [x, w]);
    await everywhere({ cost, gx, gw }, { x, w }, values);
  });
  test("where givens put other sizes into a function", async () => {
    const [a, b] = [vector("a", f64), vector("b", f64)];
    const y = swish(a.mul(2));
    const outputs = { y, g: grad(sum(y), a) };
    const f = await compile({ inputs: { b }, outputs, givens: [[a, concatenate([b, b], 0)]] });
    const found = f({ b: [0.5, 1] });
    const whole = evaluate(outputs, { a: [0.5, 1, 0.5, 1] });
    expect(found.y.shape).toEqual([4]);
    for (const [i, v] of whole.g.data.entries()) expect(found.g.data[i]).toBeCloseTo(v, 12);
  });
  test("sizes that do not fit inside are an error of the call", async () => {
    const product = customGrad({
      name: "product",
      forward: (a: Tensor, b: Tensor) => a.mul(b),
      pullback: ({ inputs: [a, b], cotangents: [g] }) => [g.mul(b), g.mul(a)],
    });
    const f = await compile({ inputs: { x, w }, outputs: { y: product(x, w) } });
    expect(message(() => f({ x: [1], w: [1, 2] }))).toMatch(/SIZE_MISMATCH: mul/);
  });
});

describe("is refused", () => {
  const outer = exp(vector("outer"));
  const rule = ({ cotangents: [g] }: { cotangents: readonly Tensor[] }): Tensor => g ?? outer;
  test("what captures a tensor", () => {
    const forward = customGrad({ name: "f", forward: (v: Tensor) => v.mul(outer), pullback: rule });
    expect(message(() => forward(vector("v")))).toMatchInlineSnapshot(`
      "ArgumentError OP_CAPTURE: customGrad "f" uses result of exp (HERE), which is none of its arguments
        it was made at HERE
        hint: pass it as one more argument: derivatives are those in the arguments"
    `);
    const back = customGrad({
      name: "f",
      forward: (v: Tensor) => v.mul(2),
      pullback: ({ cotangents: [g] }) => g.mul(outer),
    });
    expect(message(() => grad(sum(back(x)), x))).toMatchInlineSnapshot(`
      "ArgumentError OP_CAPTURE: the pullback of customGrad "f" uses result of exp (HERE), which is none of its arguments
        it was made at HERE
        hint: pass it as one more argument: derivatives are those in the arguments"
    `);
    const fine = customGrad({
      name: "f",
      forward: (v: Tensor) => v.mul(constant([2])),
      pullback: rule,
    });
    expect(evaluate(fine(vector("v")), { v: [3] }).toArray()).toEqual([6]);
  });
  test("a rule that gives too little, or another type", () => {
    const count = customGrad({
      name: "f",
      forward: (a: Tensor, b: Tensor) => a.mul(b),
      pullback: rule,
    });
    expect(message(() => grad(sum(count(x, w)), x))).toMatchInlineSnapshot(`
      "ArgumentError OP_RULE_COUNT: the pullback of customGrad "f" returns 1 tensor for 2: "x", "w"
        used at HERE
        hint: return one for each, null where nothing passes"
    `);
    const shape = customGrad({ name: "f", forward: (v: Tensor) => sum(v), pullback: rule });
    expect(message(() => grad(shape(x), x))).toMatchInlineSnapshot(`
      "ShapeError OP_RULE_SHAPE: the pullback of customGrad "f" returns f64[] for "x" f64[x.shape[0]]
        used at HERE
        hint: entry 0 has the shape and dtype of its tensor: sum over axes that were stretched"
    `);
    const dtype = customGrad({
      name: "f",
      forward: (v: Tensor) => v.mul(2),
      pullback: ({ cotangents: [g] }) => g.cast("float32"),
    });
    expect(refusal(() => grad(sum(dtype(x)), x))).toMatch(/OP_RULE_SHAPE: .* returns f32/);
  });
  test("what is no function of tensors", () => {
    const none = customGrad({ name: "f", forward: (() => 3) as never, pullback: rule });
    expect(message(none as never, x)).toMatchInlineSnapshot(`
      "ArgumentError OP_RESULT: customGrad "f" returns number, not a tensor
        hint: return a tensor or a list of tensors"
    `);
    const empty = customGrad({ name: "f", forward: () => [], pullback: rule });
    expect(refusal(empty as never, x)).toMatch(/OP_RESULT: customGrad "f" returns an empty list/);
    expect(message(polar as never, x)).toMatchInlineSnapshot(
      `
      "ArgumentError OP_ARGUMENTS: customGrad "polar" takes 2 tensors, 1 was given
        hint: give one for each parameter of its forward function"
    `,
    );
    expect(refusal(polar as never, x, 3)).toMatch(
      /NOT_A_TENSOR: customGrad "polar": argument\[1\] is number/,
    );
    expect(message(customGrad, { name: "f", forward: rule, backward: rule }))
      .toMatchInlineSnapshot(`
      "ArgumentError CUSTOM_GRAD_OPTION: customGrad has no option backward
        hint: the options are name, forward, pullback, pushforward, safeInput"
    `);
    expect(message(customGrad, { forward: rule, pullback: rule })).toMatchInlineSnapshot(`
      "ArgumentError CUSTOM_GRAD_OPTION: customGrad has no name
        hint: messages and graphs call it so: name: "swish""
    `);
    expect(message(customGrad, { name: "f", forward: rule })).toMatchInlineSnapshot(`
      "ArgumentError CUSTOM_GRAD_OPTION: customGrad "f": pullback is no function
        hint: forward and pullback are functions that build graphs; pushforward may be left out"
    `);
    expect(
      refusal(customGrad, { name: "f", forward: rule, pullback: rule, safeInput: "0" }),
    ).toMatch(/CUSTOM_GRAD_OPTION: .*safeInput is 0/);
  });
});
