/** Arrays that need more workgroups than one axis of a dispatch may have. */
import {
  add,
  arange,
  argmax,
  compile,
  dot,
  matmul,
  mod,
  mul,
  scan,
  sum,
  take,
  tensor,
  transpose,
  zeros,
} from "@scan-train/core";
import { afterAll, describe, expect, test } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { openGpu, type GpuOptions } from "../src/open-gpu.ts";

for (const kernels of ["plain", "barriers"] as const satisfies readonly GpuOptions["kernels"][]) {
  const gpu = await gpuForTests(() => openGpu({ kernels }));

  describe.skipIf(typeof gpu === "string")(`webgpu, ${kernels} kernels`, () => {
    if (typeof gpu === "string") return;
    afterAll(() => gpu.close());

    test("elements, and folds of all of them", async () => {
      const n = 4_300_000;
      const step = tensor("step", { shape: [], dtype: "int32" });
      const numbers = mod(mul(arange(n), step), 7);
      const call = await compile({
        inputs: { step },
        outputs: { numbers, total: sum(numbers), place: argmax(mod(mul(arange(n), step), 3001)) },
        backend: gpu,
      });
      const { numbers: got, total, place } = await call({ step: 3 });
      call.dispose();
      const want = Int32Array.from({ length: n }, (_, i) => (3 * i) % 7);
      expect(got.data.findIndex((value, i) => value !== want[i])).toBe(-1);
      expect(total.item()).toBe(want.reduce((a, b) => a + b));
      expect(place.item()).toBe(1000);
    });

    test("rows, columns, products and places of many rows", async () => {
      const n = 70_001;
      const x = tensor("x", { shape: ["N", 3] });
      const w = tensor("w", { shape: [3, 2] });
      const ids = tensor("ids", { shape: ["K"], dtype: "int32" });
      const call = await compile({
        inputs: { x, w, ids },
        outputs: {
          rows: sum(x, 1),
          columns: sum(x, 0),
          product: dot(x, w),
          gram: dot(transpose(x), x),
          batched: matmul(x.reshape([-1, 1, 3]), w),
          places: argmax(x, 1),
          taken: take(x, ids),
        },
        backend: gpu,
      });
      const data = Float32Array.from({ length: 3 * n }, (_, i) => (i * 5) % 11);
      const at = (row: number, column: number): number => data[3 * row + column] ?? Number.NaN;
      const got = await call({
        x: { data, shape: [n, 3] },
        w: [
          [1, 2],
          [0, 1],
          [1, 0],
        ],
        ids: [n - 1, 0, 65_536],
      });
      call.dispose();
      const every = Array.from({ length: n }, (_, row) => row);
      const rows = every.map((row) => at(row, 0) + at(row, 1) + at(row, 2));
      const products = every.flatMap((row) => [
        at(row, 0) + at(row, 2),
        2 * at(row, 0) + at(row, 1),
      ]);
      const total = (i: number, j?: number): number =>
        every.reduce((a, row) => a + at(row, i) * (j === undefined ? 1 : at(row, j)), 0);
      const axes = [0, 1, 2];
      expect(Array.from(got.rows.data)).toEqual(rows);
      expect(Array.from(got.product.data)).toEqual(products);
      expect(Array.from(got.batched.data)).toEqual(products);
      // Whole numbers below 2^24 add up without rounding.
      expect(got.columns.toArray()).toEqual(axes.map((i) => total(i)));
      expect(got.gram.toArray()).toEqual(axes.map((i) => axes.map((j) => total(i, j))));
      expect(Array.from(got.places.data)).toEqual(
        every.map((row) => axes.reduce((a, i) => (at(row, i) > at(row, a) ? i : a), 0)),
      );
      expect(Array.from(got.taken.data)).toEqual(
        [n - 1, 0, 65_536].flatMap((row) => axes.map((i) => at(row, i))),
      );
    });

    test("steps, more than a dispatch has workgroups", async () => {
      const x = tensor("x", { shape: ["T", 2], dtype: "int32" });
      const { final } = scan({
        sequences: { x_t: x },
        init: { h: zeros([2], "int32") },
        step: ({ x_t, h }) => ({ h: mod(add(mul(h, 3), x_t), 1009) }),
      });
      const call = await compile({ inputs: { x }, outputs: { last: final.h }, backend: gpu });
      for (const T of [5, 3000]) {
        const data = Int32Array.from({ length: 2 * T }, (_, i) => i % 13);
        const { last } = await call({ x: { data, shape: [T, 2] } });
        const want = [0, 1].map((column) => {
          let h = 0;
          for (let t = 0; t < T; t++) h = (3 * h + (data[2 * t + column] ?? 0)) % 1009;
          return h;
        });
        expect(last.toArray()).toEqual(want);
      }
      call.dispose();
    });
  });
}
