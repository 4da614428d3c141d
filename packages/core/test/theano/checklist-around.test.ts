/** Theano's promises about what surrounds scan: derivatives, other words for it, compiling. Each test bears the name of its row. */
import { describe, expect, test } from "vitest";
import {
  add,
  arange,
  compile,
  constant,
  foldl,
  foldr,
  grad,
  gt,
  hessian,
  index,
  jacobian,
  jvp,
  map,
  mul,
  pow,
  print,
  reduce,
  scanCheckpoints,
  shared,
  sqr,
  stepResult,
  sum,
  vector,
  vjp,
  type Tensor,
} from "../../src/index.ts";
import { pushOut } from "../../src/rewrite/push-out.ts";
import { messageOf } from "../api/message-of.ts";
import { at, five, loose, v } from "./loop.ts";

describe("derivatives", () => {
  test("gradients: sequences, initial states, non-sequences, captured; none through integers; unread entries get 0", () => {
    const [h0, w] = [
      shared(2, { name: "h0", dtype: "float64" }),
      shared(3, { name: "w", dtype: "float64" }),
    ];
    const { final } = loose((u: Tensor, h: Tensor) => h.mul(w).add(u), {
      sequences: v,
      outputsInfo: h0,
      nSteps: 3,
    });
    expect(at(grad(final, v), five)).toEqual([9, 3, 1, 0, 0]);
    expect([at(grad(final, h0), five), at(grad(final, w), five)]).toEqual([27, 54 + 6 + 2]);
    expect(messageOf(() => grad(final, shared(0, { name: "other", dtype: "float64" })))).toMatch(
      /GRAD_DISCONNECTED/,
    );
    const steps = loose((k: Tensor, n: Tensor) => n.add(k), {
      sequences: arange(3),
      outputsInfo: constant(0, "int32"),
    });
    expect(at(grad(sum(steps.outputs.mul(w)), w))).toBe(0 + 1 + 3);
  });
  test("second order, Rop, Lop, jacobian, hessian: through scan, right for sum(h ** 2) too", () => {
    const { outputs } = loose((u: Tensor, h: Tensor) => h.mul(0.5).add(u), {
      sequences: v,
      outputsInfo: constant(0, "float64"),
    });
    const two = { v: [1, 2] };
    expect(at(jacobian(outputs, v), two)).toEqual([
      [1, 0],
      [0.5, 1],
    ]);
    expect(at(hessian(sum(sqr(outputs)), v), two)).toEqual([
      [2.5, 1],
      [1, 2],
    ]);
    expect(at(jvp(outputs, v, constant([1, 0], "float64")), two)).toEqual([1, 0.5]);
    expect(at(vjp(outputs, v, constant([0, 1], "float64")), two)).toEqual([0.5, 1]);
  });
});

describe("other words", () => {
  test("map / reduce / foldl / foldr: the last value alone, the element first", () => {
    const minus = (u: Tensor, total: Tensor): Tensor => total.mul(10).add(u);
    const zero = constant(0, "float64");
    expect(at(map((u: Tensor) => u.mul(2), v).outputs as Tensor, five)).toEqual([2, 4, 6, 8, 10]);
    for (const fold of [reduce, foldl])
      expect(at(fold(minus as never, v, zero).final as unknown as Tensor, five)).toBe(12345);
    expect(at(foldr(minus as never, v, zero).final as unknown as Tensor, five)).toBe(54321);
  });
  test("scan_checkpoints(save_every_N, padding): every N-th state, the same last value and gradient", () => {
    const step = (u: Tensor, h: Tensor): Tensor => h.mul(0.5).add(u);
    const zero = constant(0, "float64");
    const { outputs, final } = scanCheckpoints(step, {
      sequences: v,
      outputsInfo: zero,
      saveEveryN: 2,
    });
    const plain = loose(step, { sequences: v, outputsInfo: zero });
    const all = at(plain.outputs, five) as number[];
    expect(at(outputs[0] ?? v, five)).toEqual([all[1], all[3], all[4]]);
    expect(at(grad(final[0] ?? v, v), five)).toEqual(at(grad(plain.final, v), five));
  });
  test("name, mode, profile, allow_gc: a name names the gradient's loop; the others are the whole function's", () => {
    const { final } = loose((u: Tensor, h: Tensor) => h.add(sqr(u)), {
      sequences: v,
      outputsInfo: constant(0, "float64"),
      name: "rnn",
    });
    expect(print(grad(final, v))).toContain("name: grad_of_rnn");
    for (const option of ["mode", "profile", "allowGc"])
      expect(messageOf(() => loose((u: Tensor) => u, { sequences: v, [option]: true }))).toMatch(
        /SCAN_OPTION/,
      );
  });
});

describe("what compiling does", () => {
  test("memory: a loop read at its end keeps its last state only", async () => {
    const steps = vector("steps");
    const { outputs } = loose((u: Tensor, h: Tensor) => h.mul(0.5).add(u), {
      sequences: steps,
      outputsInfo: 0,
    });
    const call = await compile({ inputs: { steps }, outputs: { last: index(outputs, -1) } });
    expect(call.explain()).not.toMatch(/temporary .*steps/);
    expect(call({ steps: [1, 2, 3] }).last.item()).toBe(4.25);
  });
  test("optimiser: a loop that feeds nothing back disappears, and its errors do not", async () => {
    const { outputs } = loose((u: Tensor) => pow(u, 2), { sequences: v, nSteps: 4 });
    expect(print(pushOut.run([outputs]))).not.toMatch(/= scan/);
    const call = await compile({ inputs: { v }, outputs: { outputs } });
    expect(call(five).outputs.toArray()).toEqual([1, 4, 9, 16]);
    expect(() => call({ v: [1] })).toThrow("SIZE_MISMATCH");
  });
  test("shapes: sizes of results are known without running the loop, but for conditions", () => {
    const fixed = loose((u: Tensor, h: Tensor) => add(h, u), {
      sequences: v,
      outputsInfo: constant(0, "float64"),
      nSteps: 3,
    });
    expect(fixed.outputs.shape.map(String)).toEqual(["3"]);
    const ending = loose((u: Tensor) => stepResult(mul(u, 2), { until: gt(u, 1) }), {
      sequences: v,
    });
    expect(at(ending.outputs.size(0), five)).toBe(2);
  });
});
