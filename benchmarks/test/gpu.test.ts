import { expect, test } from "vitest";
import { allOf, type GpuResult } from "../src/gpu.ts";
import { summaryOf } from "./summary-of.ts";

const found = (encode: number, gpu: number, wasm: number): GpuResult => ({
  adapter: "one",
  reason: "",
  isSoftware: false,
  encode: [
    {
      counters: "uniforms",
      dispatches: 511,
      milliseconds: summaryOf({ min: encode, minima: [encode] }),
    },
  ],
  steps: [
    {
      workload: "S3",
      gigaflop: 1,
      gpu: summaryOf({ min: gpu, minima: [gpu] }),
      wasm: summaryOf({ min: wasm, minima: [wasm] }),
    },
  ],
});

test("encoding and steps are each taken from all processes", () => {
  const { encode, steps } = allOf([found(3, 10, 40), found(2, 12, 30)]);
  expect(encode.map(({ milliseconds: { min, minima } }) => [min, minima])).toEqual([[2, [3, 2]]]);
  expect(steps.map(({ gpu, wasm }) => [gpu.min, gpu.minima, wasm.min, wasm.minima])).toEqual([
    [10, [10, 12], 30, [40, 30]],
  ]);
});

test("no process found nothing", () => {
  expect(() => allOf([])).toThrow("the GPU was never asked for");
});
