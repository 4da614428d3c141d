/** Prefix combinations under fast numerics: the op that combines element by element, against the loop in order. */
import { describe, expect, test } from "vitest";
import {
  associativeScan,
  cast,
  compile,
  evaluate,
  exp,
  grad,
  gradClip,
  gradScale,
  hessianVectorProduct,
  jvp,
  log,
  maximum,
  shared,
  sin,
  sqr,
  sqrt,
  sum,
  tanh,
  tensor,
  vector,
  where,
  type Tensor,
} from "../../src/index.ts";
import { data, linear, type Recurrence } from "./linear-recurrence.ts";

const [a, x] = [vector("a", { dtype: "float64" }), vector("x", { dtype: "float64" })];
const xT = tensor("x", { shape: ["T"], dtype: "float64" });

describe("fast, element by element", () => {
  type Parts = Readonly<Record<string, Tensor>>;
  interface Case {
    readonly name: string;
    readonly combine: (left: Parts, right: Parts) => Parts;
    readonly parts: readonly string[];
    /** float64 where left out. */
    readonly dtypes?: Readonly<Record<string, "bool" | "int32">>;
    /** What follows T in the shape of rows. */
    readonly row?: readonly number[];
  }
  const at = (parts: Parts, name: string): Tensor => parts[name] ?? x;
  const w = shared(0.3, { name: "w", dtype: "float64" });
  const cases: readonly Case[] = [
    {
      name: "a complex recurrence, whose parts all depend on each other",
      parts: ["ar", "ai", "hr", "hi"],
      combine: (l, r) => ({
        ar: at(l, "ar")
          .mul(at(r, "ar"))
          .sub(at(l, "ai").mul(at(r, "ai"))),
        ai: at(l, "ar")
          .mul(at(r, "ai"))
          .add(at(l, "ai").mul(at(r, "ar"))),
        hr: at(r, "ar")
          .mul(at(l, "hr"))
          .sub(at(r, "ai").mul(at(l, "hi")))
          .add(at(r, "hr")),
        hi: at(r, "ar")
          .mul(at(l, "hi"))
          .add(at(r, "ai").mul(at(l, "hr")))
          .add(at(r, "hi")),
      }),
    },
    {
      name: "sums that begin again where a flag is set",
      parts: ["begins", "total"],
      dtypes: { begins: "bool" },
      combine: (l, r) => ({
        begins: at(l, "begins").or(at(r, "begins")),
        total: where(at(r, "begins"), at(r, "total"), at(l, "total").add(at(r, "total")).add(w)),
      }),
    },
    {
      name: "weights in logarithms with their means",
      parts: ["weight", "mean"],
      combine: (l, r) => {
        const top = maximum(at(l, "weight"), at(r, "weight"));
        const [p, q] = [exp(at(l, "weight").sub(top)), exp(at(r, "weight").sub(top))];
        return {
          weight: top.add(log(p.add(q))),
          mean: at(l, "mean").mul(p).add(at(r, "mean").mul(q)).div(p.add(q)),
        };
      },
    },
    {
      name: "counts beside a recurrence, with a variable from outside",
      parts: ["count", "y"],
      dtypes: { count: "int32" },
      combine: (l, r) => ({
        count: at(l, "count").add(at(r, "count")),
        y: at(l, "y")
          .add(at(r, "y"))
          .add(at(l, "y").mul(at(r, "y")).mul(w)),
      }),
    },
    {
      name: "rows of three elements",
      parts: ["a", "h"],
      row: [3],
      combine: (l, r) => ({
        a: at(l, "a").mul(at(r, "a")),
        h: at(r, "a").mul(at(l, "h")).add(at(r, "h")),
      }),
    },
    {
      name: "one result that ignores what is on its left",
      parts: ["last", "sum"],
      combine: (l, r) => ({ last: at(r, "last"), sum: at(l, "sum").add(at(r, "sum")) }),
    },
  ];
  describe.each(cases)("$name", ({ combine, parts, dtypes = {}, row = [] }) => {
    const inputs = Object.fromEntries(
      parts.map((name) => [
        name,
        tensor(name, { shape: ["T", ...row], dtype: dtypes[name] ?? "float64" }),
      ]),
    );
    const floats = parts.filter((name) => dtypes[name] === undefined);
    const outputs: Record<string, Tensor> = {};
    for (const reverse of [false, true]) {
      const way = reverse ? "back" : "on";
      const results: Parts = associativeScan<Parts>(combine, inputs, { reverse });
      for (const name of parts) outputs[`${way} ${name}`] = at(results, name);
      const cost = floats
        .map((name, i) => sum(tanh(at(results, name)).mul(i + 0.5)))
        .reduce((p, q) => p.add(q));
      for (const name of floats) {
        const input = at(inputs, name);
        outputs[`${way} gradient ${name}`] = grad(cost, input, { disconnectedInputs: "ignore" });
        outputs[`${way} along ${name}`] = jvp(at(results, floats[0] ?? ""), input, sin(input));
        outputs[`${way} second ${name}`] = hessianVectorProduct(cost, input, sin(input));
      }
      outputs[`${way} gradient w`] = grad(cost, w, { disconnectedInputs: "ignore" });
    }
    test.each([1, 2, 5, 6, 9, 30])("%i rows", async (n) => {
      const size = row.reduce((p, q) => p * q, n);
      const values = Object.fromEntries(
        parts.map((name, i) => {
          const numbers = Array.from({ length: size }, (_, t) => Math.sin(1.7 * t + i) * 0.8);
          const dtype = dtypes[name];
          const data =
            dtype === "bool"
              ? Uint8Array.from(numbers, (v) => Number(v > 0.4))
              : dtype === "int32"
                ? Int32Array.from(numbers, (v) => Math.round(v * 10))
                : Float64Array.from(numbers);
          return [name, { data, shape: [n, ...row] }];
        }),
      );
      const wanted = evaluate(outputs, values);
      for (const optimize of ["full", "none"] as const) {
        const call = await compile({ inputs, outputs, numerics: "fast", optimize });
        const got = call(values);
        for (const name of Object.keys(outputs))
          for (const [i, y] of (wanted[name]?.data ?? []).entries())
            expect(got[name]?.data[i], `${name}[${i}], ${optimize}`).toBeCloseTo(y, 9);
      }
    });
    test("runs as one kernel", async () => {
      const [name = ""] = floats;
      const call = await compile({
        inputs,
        outputs: { y: at(outputs, `on ${name}`) },
        numerics: "fast",
        unusedInputs: "ignore",
      });
      expect(call.explain()).toMatch(/prefix t < T$/m);
      expect(call.explain()).not.toMatch(/for t /);
    });
  });
  test("rows of several shapes, or of many elements, go in order", async () => {
    const [few, many] = [tensor("few", { shape: ["T", 1] }), tensor("many", { shape: ["T", 9] })];
    const { h } = associativeScan(
      (l: Recurrence, r: Recurrence) => ({ a: l.a.mul(r.a), h: r.a.mul(l.h).add(r.h) }),
      { a: few, h: many },
    );
    const wide = associativeScan((l: Tensor, r: Tensor) => l.add(r), many);
    const inputs = { few, many };
    const [portable, fast] = await Promise.all(
      (["portable", "fast"] as const).map((numerics) =>
        compile({ inputs, outputs: { h, wide }, numerics }),
      ),
    );
    const values = {
      few: { data: Float32Array.from({ length: 40 }, (_, i) => Math.cos(i)), shape: [40, 1] },
      many: { data: Float32Array.from({ length: 360 }, (_, i) => Math.sin(i)), shape: [40, 9] },
    };
    expect(fast?.(values).h.toArray()).toEqual(portable?.(values).h.toArray());
    expect(fast?.(values).wide.toArray()).toEqual(portable?.(values).wide.toArray());
  });
  test("what goes wrong before a flag stays there, backwards and forwards too", async () => {
    const b = tensor("b", { shape: ["T"], dtype: "bool" });
    const total = (reverse: boolean): Tensor =>
      associativeScan<Parts>(
        (l, r) => ({
          b: at(l, "b").or(at(r, "b")),
          y: where(at(r, "b"), at(r, "y"), at(l, "y").add(at(r, "y"))),
        }),
        { b, y: xT },
        { reverse },
      )["y"] ?? xT;
    const [on, back] = [total(false), total(true)];
    const outputs = {
      on,
      along: jvp(on, xT, sqrt(xT)),
      alongBack: jvp(back, xT, sqrt(xT)),
      gradient: grad(sum(on), xT, { knownGrads: new Map([[on, sqrt(xT)]]) }),
    };
    const values = { b: [1, 0, 0, 1, 0, 0, 0, 0, 1, 0], x: [1, 4, 9, 1, -1, 4, 9, 1, 4, 9] };
    const wanted = evaluate(outputs, values);
    const call = await compile({ inputs: { b, x: xT }, outputs, numerics: "fast" });
    const got = call(values);
    for (const name of ["along", "alongBack", "gradient"] as const) {
      const finite = wanted[name].data.map((y) => Number(Number.isFinite(y)));
      expect(finite, name).toContain(0);
      expect(finite, name).toContain(1);
      expect([...got[name].data], name).toEqual([...wanted[name].data]);
    }
  });
  test("parts of both precisions", async () => {
    const single = tensor("single", { shape: ["T"] });
    const { s } = associativeScan<Parts>(
      (l, r) => ({
        a: at(l, "a").add(at(r, "a")),
        s: at(l, "s")
          .add(at(r, "s"))
          .add(cast(at(l, "a"), "float64").mul(cast(at(r, "a"), "float64"))),
      }),
      { a: single, s: xT },
    );
    const cost = sum(sqr(s ?? xT));
    const outputs = { s: s ?? xT, ga: grad(cost, single), gx: grad(cost, xT) };
    const values = { single: [1, 2, 3, 4, 5, 6], x: [1, -2, 3, -4, 5, -6] };
    const wanted = evaluate(outputs, values);
    const call = await compile({ inputs: { single, x: xT }, outputs, numerics: "fast" });
    for (const name of ["s", "ga", "gx"] as const)
      expect(call(values)[name].toArray()).toEqual(wanted[name].toArray());
  });
  test("steps that change gradients go in order", async () => {
    const costs = [
      sum(associativeScan((l: Tensor, r: Tensor) => gradClip(l, -2, 2).add(r), xT)),
      sum(associativeScan((l: Tensor, r: Tensor) => gradScale(l, 0.5).add(r), xT)),
    ];
    const outputs = Object.fromEntries(costs.map((cost, i) => [`g${i}`, grad(cost, xT)]));
    const values = { x: [1, 2, 3, 4, 5, 6, 7] };
    const wanted = evaluate(outputs, values);
    const call = await compile({ inputs: { x: xT }, outputs, numerics: "fast" });
    expect(call(values)["g0"]?.toArray()).toEqual([3, 3, 3, 3, 3, 2, 1]);
    for (const name of Object.keys(outputs))
      expect(call(values)[name]?.toArray()).toEqual(wanted[name]?.toArray());
    expect(call.explain()).not.toMatch(/prefix /);
  });
  test("gradients of single precision", async () => {
    const [a32, x32] = [tensor("a", { shape: ["T"] }), tensor("x", { shape: ["T"] })];
    const cost = sum(sqr(linear(a32, x32, true)));
    const outputs = { da: grad(cost, a32), dx: grad(cost, x32) };
    const values = data(1003);
    const inputs = { a: a32, x: x32 };
    const wanted = (await compile({ inputs, outputs }))(values);
    const got = (await compile({ inputs, outputs, numerics: "fast" }))(values);
    for (const name of ["da", "dx"] as const)
      for (const [t, y] of wanted[name].data.entries())
        expect(Math.abs((got[name].data[t] ?? NaN) - y)).toBeLessThan(1e-5 * (1 + Math.abs(y)));
  });
  test.each(["nan", "debug"] as const)("is checked by check: %s", async (check) => {
    const call = await compile({
      inputs: { a, x },
      outputs: { h: linear(a, x) },
      numerics: "fast",
      check,
    });
    const { a: as, x: xs } = data(50);
    const wanted = evaluate({ h: linear(a, x) }, { a: as, x: xs }).h;
    for (const [t, y] of call({ a: as, x: xs }).h.data.entries())
      expect(y).toBeCloseTo(wanted.data[t] ?? NaN, 12);
    if (check === "nan")
      expect(() => call({ a: as, x: xs.with(7, NaN) })).toThrow(/NaN[^]*"x"[^]*7/);
  });
});
