import { expect, test } from "vitest";
import { memoryFigures, type MemoryResult } from "../src/memory.ts";
import { memorySection } from "../src/report-memory.ts";
import { rowsOf } from "./rows-of.ts";

const result: MemoryResult = {
  workload: "S3",
  peak: 6144,
  inputs: 1024,
  shared: 2048,
  states: 2048,
  heap: [500, 700, 600],
  buffers: [4, 4, 4],
};

test("memory is told in KiB, beside that of the states", () => {
  expect(rowsOf(memorySection([result]), "S3")).toEqual([
    expect.stringMatching(/6\.00 .* 1\.00 .* 2\.00 .* 2\.00 .* 3\.00 x .* 500 .* 4 \|/),
  ]);
});

test("the peak must come out the same again, the heap nearly", () => {
  const [peak, heap] = memoryFigures([result]);
  expect(peak).toMatchObject({ value: 6144, band: { low: 6144, high: 6144 } });
  expect(heap).toMatchObject({ name: "S3: heap per call", value: 500, unit: "bytes" });
  expect(heap?.band.high).toBeCloseTo(625);
});
