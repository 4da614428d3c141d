/** Ops of the user's own: made of other ops, with types that are checked and examples that derivatives are held to. */
import { describe, expect, test } from "vitest";
import {
  checkOp,
  compile,
  defineOp,
  evaluate,
  grad,
  gradCheck,
  jacobian,
  jvp,
  log,
  matrix,
  mean,
  NDArray,
  print,
  scan,
  shared,
  sqr,
  sqrt,
  sum,
  tanh,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { message, refusal } from "./refusal.ts";

const f64 = { dtype: "float64" } as const;
const rmsNorm = defineOp({
  name: "rmsNorm",
  inputs: [
    { name: "x", shape: ["B", "D"] },
    { name: "gain", shape: ["D"] },
  ],
  outputs: [{ shape: ["B", "D"] }],
  build: (x, gain) => x.div(sqrt(mean(sqr(x), 1, { keepdims: true }).add(1e-6))).mul(gain),
  examples: [
    [
      [
        [1, -2, 3],
        [0.5, 0.25, -1],
      ],
      [1, 0.5, 2],
    ],
    [[[2]], [3]],
  ],
});
const x = tensor("x", { shape: ["B", 2], ...f64 });
const gain = tensor("gain", { shape: [2], ...f64 });
const values = {
  x: [
    [1, 2],
    [-3, 0.5],
  ],
  gain: [2, -1],
};

describe("an op made of others", () => {
  test("is a function with a name, in graphs too", () => {
    expect(rmsNorm.name).toBe("rmsNorm");
    const y = rmsNorm(x, gain);
    expect(y.shape.map(String)).toEqual(["B", "2"]);
    expect(print(y).split("\n")[2]).toMatch(/= rmsNorm\(x, gain\)/);
  });
  test("computes what it is made of, compiled and not, with every list of passes", async () => {
    const written = rmsNorm.definition.build(x, gain);
    const y = rmsNorm(x, gain);
    const results = (of: Tensor): Record<string, Tensor> => {
      const cost = sum(sqr(tanh(of)));
      const [gx, gg] = grad(cost, [x, gain]);
      return { y: of, gx, gg, again: grad(sum(sqr(gx)), x) };
    };
    const [own, plain] = [results(y), results(written)];
    const expected = evaluate(plain, values);
    const near = (got: Readonly<Record<string, NDArray>>, where: string): void => {
      for (const [name, { data }] of Object.entries(expected))
        for (const [k, v] of data.entries())
          expect(got[name]?.data[k], `${name} ${where}`).toBeCloseTo(v, 12);
    };
    near(evaluate(own, values), "evaluated");
    for (const optimize of ["full", "fast", "none"] as const) {
      const f = await compile({ inputs: { x, gain }, outputs: own, optimize });
      near(f(values), optimize);
    }
  });
  test("has derivatives, forwards too, where its inputs depend on each other", () => {
    const g = tanh(sum(x, 0));
    const cost = sum(sqr(rmsNorm(x.mul(g), g)));
    expect(String(gradCheck(cost, [x], { x: values.x }))).toMatch(/^passed/);
    const [a, b] = evaluate([jvp(cost, x, x), sum(grad(cost, x).mul(x))], { x: values.x });
    expect(a.item()).toBeCloseTo(b.item(), 12);
    expect(jacobian(sum(rmsNorm(x, gain), 1), gain).shape.map(String)).toEqual(["B", "2"]);
  });
  test("works in masked scans: NaN in padding does not reach what it is made of", () => {
    const logs = defineOp({
      name: "logs",
      inputs: [{ name: "v", shape: ["B", "D"] }],
      build: (v) => log(v),
      examples: [[[[1, 2]]]],
    });
    const W = shared(
      [
        [0.3, 0.1],
        [0.2, 0.4],
      ],
      { name: "W", ...f64 },
    );
    const rows = tensor("rows", { shape: ["T", 2, 2], ...f64 });
    const lengths = tensor("lengths", { shape: [2], dtype: "int32" });
    const { final } = scan((r, s) => logs(r.dot(W)).add(s), {
      sequences: rows,
      outputsInfo: zeros([2, 2], "float64"),
      lengths,
    });
    const g = grad(sum(final), W);
    const [a, b] = [0, Number.NaN].map((pad) =>
      evaluate(g, {
        rows: [
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
      }),
    );
    expect(a?.toArray()).toEqual(b?.toArray());
    expect([...(a?.data ?? [])].every(Number.isFinite)).toBe(true);
  });
  test("gives several results", () => {
    const moments = defineOp({
      name: "moments",
      inputs: [{ name: "v" }],
      build: (v) => [mean(v), mean(sqr(v))],
      examples: [[[1, 2, 4]], [[[1], [2]]]],
    });
    const [m, s] = moments(vector("v"));
    expect(evaluate([m, s], { v: [1, 3] }).map((v) => v.item())).toEqual([2, 5]);
    expect(String(checkOp(moments))).toMatchInlineSnapshot(`"passed: op "moments" at 2 examples"`);
  });
});

describe("checkOp", () => {
  test("passes what is right", () =>
    expect(checkOp(rmsNorm)).toMatchObject({ passed: true, failures: [] }));
  test("names the example, the input, its entry and both numbers", () => {
    const wrong = defineOp({
      name: "wrong",
      inputs: [{ name: "a" }, { name: "b" }],
      build: (a, b) => a.mul(b),
      pullback: ({ inputs: [a, b], cotangents: [g] }) => [
        g.mul(b),
        g.mul(a).mul(a.gt(2.5).where(2, a.mul(0).add(1))),
      ],
      examples: [
        [
          [1, 2],
          [0.5, 1],
        ],
        [
          [1, 3],
          [0.5, 1],
        ],
      ],
    });
    const report = checkOp(wrong);
    expect(report.failures[0]).toMatchObject({
      example: 1,
      derivative: "first",
      worst: { tensor: '"b"', index: [1] },
    });
    expect(String(report).replaceAll(/\d\.\d{5,}/g, (n) => Number(n).toFixed(3)))
      .toMatchInlineSnapshot(`
      "FAILED: op "wrong"
        example 1, first derivative in "b"[1]: exact 6.273, numeric 3.136"
    `);
  });
  test("holds a pushforward to the pullback", () => {
    const half = defineOp({
      name: "half",
      inputs: [{ name: "a" }],
      build: (a) => a.mul(2),
      pullback: ({ cotangents: [g] }) => g.mul(2),
      pushforward: ({ tangents: [t] }) => t,
      examples: [[[1, 2]]],
    });
    expect(checkOp(half).failures.map((f) => f.derivative)).toEqual(["forward"]);
  });
  test("takes integers as they are, and single precision where it is declared", () => {
    const pick = defineOp({
      name: "pick",
      inputs: [
        { name: "table", shape: ["N", "D"], dtype: "float32" },
        { name: "ids", shape: [null], dtype: "int32" },
      ],
      build: (table, ids) => table.take(ids),
      examples: [
        [
          [
            [1, 2],
            [3, 4],
          ],
          [1, 1, 0],
        ],
      ],
    });
    expect(String(checkOp(pick))).toMatch(/^passed/);
  });
});

describe("refuses", () => {
  test("inputs of another type", () => {
    expect(message(() => rmsNorm(vector("h"), gain))).toMatchInlineSnapshot(`
      "ShapeError OP_SHAPE: op "rmsNorm": input "x" is "h" f32[h.shape[0]], and must be [B, D]
        hint: declared names are equal sizes wherever they stand: reshape or broadcast the tensor"
    `);
    expect(message(() => rmsNorm(x, tensor("gain3", { shape: [3] })))).toMatchInlineSnapshot(`
      "ShapeError OP_SHAPE: op "rmsNorm": input "gain" is "gain3" f32[3], and must be [D]: D is 2 by axis 1 of input "x", 3 in axis 0 of input "gain"
        hint: declared names are equal sizes wherever they stand: reshape or broadcast the tensor"
    `);
    expect(message(() => rmsNorm(matrix("ids", { dtype: "int32" }), gain))).toMatchInlineSnapshot(`
      "DTypeError OP_DTYPE: op "rmsNorm": input "x" is "ids" i32[ids.shape[0], ids.shape[1]], and must be floating
        hint: convert it: cast(x, "float32")"
    `);
    expect(message(rmsNorm as never, x)).toMatchInlineSnapshot(`
      "ArgumentError OP_ARGUMENTS: op "rmsNorm" takes 2 tensors, 1 was given
        hint: give x, gain"
    `);
    const y = rmsNorm(matrix("m"), vector("v"));
    expect(message(() => evaluate(y, { m: [[1, 2]], v: [1, 2, 3] }))).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: op "rmsNorm": size D is that of axis 1 of input "x" and of axis 0 of input "gain" "v": 2 is not 3
        m.shape[1] = 2, v.shape[0] = 3
        hint: declared names are equal sizes wherever they stand: reshape or broadcast the tensor"
    `);
  });
  test("results of another type", () => {
    const build = (v: Tensor): Tensor => sum(v);
    const op = (outputs: object): unknown =>
      defineOp({
        name: "op",
        inputs: [{ name: "v", shape: ["n"] }],
        outputs: [outputs],
        build,
        examples: [[[1]]],
      })(vector("v"));
    expect(message(() => op({ shape: ["n"] }))).toMatchInlineSnapshot(`
      "ShapeError OP_SHAPE: op "op": output 0 is result of sum (HERE) f32[], and must be [n]
        hint: declared names are equal sizes wherever they stand: reshape or broadcast the tensor"
    `);
    expect(refusal(() => op({ dtype: "int32" }))).toMatch(
      /OP_DTYPE: op "op": output 0 is .* must be int32/,
    );
    const two = defineOp({
      name: "two",
      inputs: [{ name: "v" }],
      outputs: [{}, {}],
      build,
      examples: [[1]],
    });
    expect(message(() => two(vector("v")))).toMatchInlineSnapshot(`
      "ArgumentError OP_RESULT: op "two" declares 2 outputs and builds 1
        hint: declare each in outputs, or leave outputs out"
    `);
  });
  test("what it captures", () => {
    const k = shared(2, { name: "k" });
    const op = defineOp({
      name: "op",
      inputs: [{ name: "v" }],
      build: (v) => v.mul(k),
      examples: [[1]],
    });
    expect(refusal(() => op(vector("v")))).toBe(
      'ArgumentError OP_CAPTURE: op "op" uses "k", which is none of its arguments',
    );
  });
  test("declarations that make no sense", () => {
    const whole = { name: "op", inputs: [{ name: "v" }], build: (v: Tensor) => v, examples: [[1]] };
    const wrong = (more: object): string => refusal(defineOp, { ...whole, ...more });
    expect(message(defineOp, { ...whole, output: [] })).toMatchInlineSnapshot(`
      "ArgumentError OP_OPTION: defineOp has no option output
        hint: did you mean outputs? The options are name, inputs, outputs, build, examples, pullback, pushforward"
    `);
    expect(message(defineOp, { ...whole, examples: [] })).toMatchInlineSnapshot(`
      "ArgumentError OP_OPTION: op "op": the examples are missing
        hint: examples: [[[[1, 2]], [0.5, -1]]], a value for each input; checkOp(op) compares there"
    `);
    expect(message(defineOp, { ...whole, examples: [[1, 2]] })).toMatchInlineSnapshot(`
      "ArgumentError OP_OPTION: op "op": example 0 is no list of 1 values
        hint: give one for each of v"
    `);
    expect(wrong({ name: "" })).toMatch(/OP_OPTION: op "": the name is missing/);
    expect(wrong({ inputs: [] })).toMatch(/inputs is no list/);
    expect(wrong({ build: 3 })).toMatch(/build is no function/);
    expect(wrong({ inputs: [{ shape: [] }] })).toMatch(/the name of input 0 is missing/);
    expect(wrong({ inputs: [{ name: "v", shape: "B" }] })).toMatch(/input 0 cannot have shape "B"/);
    expect(wrong({ inputs: [{ name: "v", shape: [-1] }] })).toMatch(
      /input 0 cannot have shape \[-1\]/,
    );
    expect(wrong({ inputs: [{ name: "v", dtype: "float" }] })).toMatch(
      /input 0 cannot have dtype "float"/,
    );
    expect(wrong({ inputs: [{ name: "v", rank: 2 }] })).toMatch(/input 0 has no option rank/);
    expect(wrong({ outputs: [{ name: "y" }] })).toMatch(/output 0 has no option name/);
    expect(refusal(checkOp as never, rmsNorm, { tol: 1 })).toMatch(
      /GRAD_OPTION: checkOp has no option tol/,
    );
    const array = new NDArray("float32", [1], new Float32Array([1]));
    const single = defineOp({ ...whole, inputs: [{ name: "v" }], examples: [[array]] });
    expect(refusal(checkOp as never, single)).toMatch(
      /INPUT_DTYPE: op "op": the example of "v" is float64/,
    );
  });
});
