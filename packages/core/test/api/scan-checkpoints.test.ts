/** scan in chunks: the values and gradients of scan, in less memory. */
import { describe, expect, test } from "vitest";
import {
  compile,
  evaluate,
  grad,
  hessianVectorProduct,
  index,
  scan,
  scanCheckpoints,
  shared,
  sqr,
  stepResult,
  Store,
  sum,
  tanh,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { message, refusal } from "./refusal.ts";

const x = tensor("x", { shape: ["T", 2], dtype: "float64" });
const W = shared(
  [
    [0.3, -0.5],
    [0.7, 0.2],
  ],
  { name: "W", dtype: "float64" },
);
const h0 = shared([0.1, -0.2], { name: "h0", dtype: "float64" });
const step = (u: Tensor, h: Tensor): Tensor => tanh(u.add(h.dot(W)));
const data = (T: number): number[][] =>
  Array.from({ length: T }, (_, t) => [Math.sin(t), Math.cos(2 * t)]);

describe("values and gradients are those of scan", () => {
  const plain = scan(step as never, { sequences: x, outputsInfo: h0 }) as unknown as {
    readonly outputs: Tensor;
    readonly final: Tensor;
  };
  test.each([
    [1, 4],
    [3, 4],
    [4, 4],
    [5, 4],
    [12, 4],
    [27, 4],
    [7, 1],
  ])("%i steps in chunks of %i", async (T, saveEveryN) => {
    const { outputs, final } = scanCheckpoints(step, { sequences: x, outputsInfo: h0, saveEveryN });
    const [states, last] = [outputs[0] ?? x, final[0] ?? x];
    const cost = sum(sqr(last)).add(sum(states).mul(0.5));
    const rows = Array.from(
      { length: Math.ceil(T / saveEveryN) },
      (_, i) => Math.min((i + 1) * saveEveryN, T) - 1,
    );
    const kept = rows.map((row) => index(plain.outputs, row));
    const plainCost = kept.reduce(
      (total, row) => total.add(sum(row).mul(0.5)),
      sum(sqr(plain.final)),
    );
    const wrt = [x, W, h0];
    const values = { x: data(T) };
    const wanted = evaluate(
      {
        last: plain.final,
        ...named(grad(plainCost, wrt)),
        second: hessianVectorProduct(plainCost, W, W),
      },
      values,
    );
    const spec = {
      inputs: { x },
      outputs: {
        states,
        last,
        ...named(grad(cost, wrt)),
        second: hessianVectorProduct(cost, W, W),
      },
    };
    for (const optimize of ["full", "none"] as const) {
      const got = (await compile({ ...spec, optimize }))(values);
      for (const name of Object.keys(wanted) as (keyof typeof wanted)[])
        for (const [i, y] of wanted[name].data.entries())
          expect(got[name].data[i], `${optimize} ${name}[${i}]`).toBeCloseTo(y, 10);
      expect(got.states.shape[0]).toBe(rows.length);
      for (const [i, row] of kept.entries())
        for (const [k, y] of evaluate(row, values).data.entries())
          expect(got.states.data[2 * i + k], `states[${i}]`).toBeCloseTo(y, 12);
    }
  });
  function named([dx, dW, dh]: readonly Tensor[]): { dx: Tensor; dW: Tensor; dh: Tensor } {
    return { dx: dx ?? x, dW: dW ?? x, dh: dh ?? x };
  }
  test("with several states, numbers of steps and variables that the step is handed", async () => {
    const loop = (a: Tensor, b: Tensor, w: Tensor): Tensor[] => [tanh(a.mul(w).add(b)), a];
    const options = {
      outputsInfo: [shared(0.5), shared(0.25)],
      nonSequences: shared(0.9),
      nSteps: 11,
    };
    const { final } = scanCheckpoints(loop, { ...options, saveEveryN: 3 });
    const wanted = scan(loop as never, options as never) as unknown as { final: Tensor[] };
    const call = await compile({ inputs: {}, outputs: { a: final[0] ?? x, b: final[1] ?? x } });
    expect(call({}).a.item()).toBeCloseTo(evaluate(wanted.final[0] ?? x).item(), 6);
    expect(call({}).b.item()).toBeCloseTo(evaluate(wanted.final[1] ?? x).item(), 6);
  });
});

test("a gradient over 20,000 steps needs a twentieth of the memory", async () => {
  const rows = tensor("rows", { shape: ["T", 16], dtype: "float32" });
  const U = shared(
    Array.from({ length: 16 }, (_, i) =>
      Array.from({ length: 16 }, (__, j) => 0.2 * Math.sin(i + 3 * j)),
    ),
    { name: "U" },
  );
  const next = (u: Tensor, h: Tensor): Tensor => tanh(u.add(h.dot(U)));
  const memoryOf = async (final: Tensor): Promise<{ bytes: number; dU: readonly number[] }> => {
    const store = new Store();
    const call = await compile({ inputs: { rows }, outputs: { dU: grad(sum(final), U) }, store });
    const T = 20_000;
    const values = {
      data: Float32Array.from({ length: T * 16 }, (_, i) => Math.sin(i)),
      shape: [T, 16],
    };
    const { dU } = call({ rows: values });
    const bytes = store.bytesInUse - 4 * values.data.length;
    call.dispose();
    return { bytes, dU: [...dU.data] };
  };
  const options = { sequences: rows, outputsInfo: zeros([16]) };
  const plain = await memoryOf(
    (scan(next as never, options as never) as unknown as { final: Tensor }).final,
  );
  const [final = rows] = scanCheckpoints(next, { ...options, saveEveryN: 256 }).final;
  const chunked = await memoryOf(final);
  for (const [i, y] of plain.dU.entries()) expect(chunked.dU[i]).toBeCloseTo(y, 3);
  expect(chunked.bytes).toBeLessThan(plain.bytes / 20);
});

test("what is no plain loop is refused", () => {
  const loose = scanCheckpoints as (...args: unknown[]) => unknown;
  const v = vector("v");
  const state = { outputsInfo: zeros([]) };
  expect(message(loose, step, { sequences: { input: v, taps: [-1] }, ...state }))
    .toMatchInlineSnapshot(`
    "UnsupportedError SCAN_CHECKPOINTS: scanCheckpoints: sequences[0] must be a tensor
      hint: chunks have no taps: give the tensor itself, or use scan"
  `);
  expect(message(loose, step, { sequences: v, outputsInfo: [null] })).toMatchInlineSnapshot(`
    "UnsupportedError SCAN_CHECKPOINTS: scanCheckpoints: outputsInfo[0] must be a tensor
      hint: every output is a state that begins as a tensor; for taps and plain outputs use scan"
  `);
  expect(message(loose, step, { sequences: v })).toMatchInlineSnapshot(`
    "ArgumentError SCAN_OPTION: scanCheckpoints: there is no state
      hint: give outputsInfo: the initial state; without states use map"
  `);
  expect(refusal(loose, step, { sequences: v, ...state, saveEveryN: 0 })).toMatch(
    /SCAN_OPTION: scanCheckpoints: saveEveryN is 0/,
  );
  expect(refusal(loose, step, { sequences: v, ...state, lengths: v })).toMatch(
    /SCAN_OPTION: scanCheckpoints has no option lengths/,
  );
  expect(refusal(loose, (h: Tensor) => h, state)).toMatch(/SCAN_NO_LENGTH/);
  expect(
    message(loose, (_: Tensor, h: Tensor) => stepResult(h, { updates: [] }), {
      sequences: v,
      ...state,
    }),
  ).toMatchInlineSnapshot(`
    "UnsupportedError SCAN_CHECKPOINTS: scanCheckpoints: the step returns updates, a condition or a record
      hint: return the new states as a tensor or a list; for anything else use scan"
  `);
});
