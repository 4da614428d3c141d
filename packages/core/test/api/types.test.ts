/** What must and must not type-check; the assertions are types, the values are thrown away. */
import { expect, test } from "vitest";
import {
  customGrad,
  defineOp,
  evaluate,
  grad,
  gt,
  hessian,
  jacobian,
  matrix,
  scalar,
  scan,
  shared,
  softmax,
  stepResult,
  vector,
  type NDArray,
  type Shared,
  type Tensor,
} from "../../src/index.ts";

type Eq<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const yes = <T extends true>(): T | undefined => undefined;
type F = Tensor<"float32">;

const x = matrix("x");
const h0 = vector("h0");
const z0 = matrix("z0");
const ids = matrix("ids", { dtype: "int32" });
const x64 = matrix("x64", { dtype: "float64" });

test("methods mix dtypes as the table says", () => {
  const mixed = x.add(ids);
  yes<Eq<typeof mixed, F>>();
  const wide = x.mul(x64);
  yes<Eq<typeof wide, Tensor<"float64">>>();
  const quotient = ids.div(2);
  yes<Eq<typeof quotient, F>>();
  const above = x.gt(0);
  yes<Eq<typeof above, Tensor<"bool">>>();
  const rows = x.size(0);
  yes<Eq<typeof rows, Tensor<"int32">>>();
  // @ts-expect-error a float64 tensor is no float32 tensor
  const narrow: F = x64;
  const broad: Tensor = x;
  expect([narrow.rank, broad.rank]).toEqual([2, 2]);
});

test("the positional form types every tap", () => {
  const { outputs, final } = scan(
    (u2, u0, y1, y2, k) => {
      yes<Eq<typeof u0, F>>();
      yes<Eq<typeof y2, F>>();
      yes<Eq<typeof k, F>>();
      return u2.add(u0).add(y1).add(y2).mul(k);
    },
    {
      sequences: [{ input: x, taps: [-2, 0] }],
      outputsInfo: { initial: z0, taps: [-1, -2] },
      nonSequences: [h0],
    },
  );
  yes<Eq<typeof outputs, F>>();
  yes<Eq<typeof final, F>>();
  expect(outputs.rank).toBe(2);
  const typesOnly = (): void => {
    // @ts-expect-error two infos, one output
    scan((v, h) => [h.add(v)], { sequences: [x], outputsInfo: [h0, null] });
    // @ts-expect-error the step asks for a third argument that nobody supplies
    scan((v: F, h: F, q: F) => [h.add(v).add(q)], { sequences: [x], outputsInfo: [h0] });
  };
  expect(typesOnly).toThrow();
});

test("the named form types every key", () => {
  const result = scan({
    sequences: { x, w: { input: x, taps: { w0: -2, w1: 0 } } },
    init: { h: h0, z: { initial: z0, taps: { z1: -1, z2: -2 } }, n: 0 },
    step: ({ x, w0, w1, h, z1, z2, n }) => {
      yes<Eq<typeof w0, F>>();
      yes<Eq<typeof z2, F>>();
      return { h: h.add(x), z: z1.add(z2).add(w1), n: n.add(1), p: softmax(h.add(w0)) };
    },
  });
  yes<Eq<typeof result.outputs.p, F>>();
  yes<Eq<typeof result.final.z, F>>();
  // @ts-expect-error p is no state, so it has no final
  expect(result.final.p).toBeUndefined();
  const typesOnly = (): void => {
    scan({
      sequences: { x },
      init: { z: { initial: z0, taps: { z1: -1, z2: -2 } } },
      // @ts-expect-error the tapped entry is seen by its taps' names
      step: ({ x, z }) => ({ z: x.add(z) }),
    });
    // @ts-expect-error h is a state and is not returned
    scan({ sequences: { x }, init: { h: h0 }, step: ({ x }) => ({ p: x }) });
    // @ts-expect-error there is no such argument
    scan({ sequences: { x }, init: { h: h0 }, step: ({ x, q }) => ({ h: x.add(q) }) });
    // @ts-expect-error the name x is used twice
    scan({ sequences: { x }, init: { x: h0 }, step: ({ x }) => ({ x }) });
  };
  expect(typesOnly).toThrow();
});

test("step results, gradients and values keep their types", () => {
  const count = shared(0, { name: "count", dtype: "int32" });
  const [total] = scan((v, acc) => stepResult([acc.add(v)], { updates: [[count, count.add(1)]] }), {
    sequences: [x],
    outputsInfo: [h0],
  }).outputs;
  yes<Eq<typeof total, F>>();
  const { b } = scan((v) => ({ b: gt(v, 0) }), { sequences: x }).outputs;
  yes<Eq<typeof b, Tensor<"bool">>>();
  const s = scalar("s");
  const [gs, gx] = grad(s.mul(x64.sum()), [s, x64]);
  yes<Eq<typeof gs, F>>();
  yes<Eq<typeof gx, Tensor<"float64">>>();
  const value = evaluate({ s, count }, { s: 1 });
  yes<Eq<typeof value.s, NDArray<"float32">>>();
  yes<Eq<typeof value.count, NDArray<"int32">>>();
  const many: readonly Shared[] = [count];
  expect(many.length).toBe(1);
});

test("derivatives have the form of what they are in, missing ones may be undefined", () => {
  const cost = softmax(h0).sum();
  const [g, j] = [grad(cost, [h0, x64], { disconnectedInputs: "ignore" }), jacobian(h0, [h0])];
  yes<Eq<typeof g, [F, Tensor<"float64">]>>();
  yes<Eq<typeof j, [F]>>();
  const second = hessian(cost, h0);
  yes<Eq<typeof second, F>>();
  const options = { disconnectedInputs: "ignore", returnDisconnected: "undefined" } as const;
  const [a, b] = grad(cost, [h0, x64], options);
  yes<Eq<typeof a, F | undefined>>();
  yes<Eq<typeof b, Tensor<"float64"> | undefined>>();
  // @ts-expect-error a missing gradient may be undefined
  const sure: F = a;
  expect([sure.rank, second.rank]).toEqual([1, 2]);
});

test("functions with rules of their own take as many tensors as they declare", () => {
  const scaled = customGrad({
    name: "scaled",
    forward: (a: Tensor, b: Tensor) => [a.mul(b), a],
    pullback: ({ inputs: [a, b], outputs: [y, z], cotangents: [g, h] }) => {
      for (const t of [a, b, y, z]) yes<Eq<typeof t, Tensor>>();
      return [g.mul(b).add(h), g.mul(a)];
    },
  });
  const [p, q] = scaled(x, x);
  yes<Eq<typeof p, Tensor>>();
  const op = defineOp({
    name: "op",
    inputs: [{ name: "a" }, { name: "b" }],
    build: (a, b) => a.mul(b),
    examples: [[1, 2]],
  });
  const r = op(x, x);
  yes<Eq<typeof r, Tensor>>();
  // @ts-expect-error one argument is missing
  expect(() => scaled(x)).toThrow("OP_ARGUMENTS");
  // @ts-expect-error one argument is missing
  expect(() => op(x)).toThrow("OP_ARGUMENTS");
  const declare = (): unknown =>
    defineOp({
      name: "op",
      inputs: [{ name: "a" }, { name: "b" }],
      build: (a, b) => a.mul(b),
      // @ts-expect-error an example has one value for each input
      examples: [[1, 2, 3]],
    });
  expect(declare).toThrow("OP_OPTION");
  expect([p.rank, q.rank]).toEqual([2, 2]);
});
