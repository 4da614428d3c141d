/** Random scans on the GPU: values, gradients and second derivatives are those of the reference, whatever stands in padding. */
import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, test } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { compile, type NDArray } from "../../core/src/index.ts";
import { evaluated, near, same } from "../../core/test/fuzz/scan/compare.ts";
import { allResults, makeModel } from "../../core/test/fuzz/scan/model.ts";
import { plans, type Plan } from "../../core/test/fuzz/scan/plan.ts";
import { printPlan } from "../../core/test/fuzz/scan/print-plan.ts";
import { valuesOf } from "../../core/test/fuzz/scan/values.ts";
import { withScan } from "../../core/test/fuzz/scan/with-scan.ts";
import { openGpu, type GpuBackend } from "../src/open-gpu.ts";

const long = process.env["SCAN_TRAIN_LONG"] === "1";
const numRuns = Number(process.env["SCAN_TRAIN_RUNS"] ?? (long ? 500 : 4));
const seed = Number(process.env["SCAN_TRAIN_SEED"] ?? 1);

/** Relative to the value, and absolute below 1. */
const tolerance = 1e-4;

/** @throws an error that shows the scan as code where the GPU differs from the reference */
async function checkPlan(gpu: GpuBackend, drawn: Plan): Promise<void> {
  const plan: Plan = { ...drawn, dtype: "float32" };
  try {
    const want = evaluated({ ...plan, dtype: "float64" }, withScan, 0);
    const [clean = [], poisoned = []] = await onGpu(gpu, plan);
    near(clean, want, tolerance, "webgpu");
    same(poisoned, clean, "webgpu, NaN in padding");
  } catch (error) {
    throw new Error(`${String(error)}\nin\n${printPlan(plan)}`, { cause: error });
  }
}

/** All results, with zeros and with NaN in padding. */
async function onGpu(gpu: GpuBackend, plan: Plan): Promise<readonly NDArray[][]> {
  const model = makeModel(plan);
  const outputs = Object.fromEntries(
    allResults(plan, model, withScan).map((result, i) => [`r${i}`, result]),
  );
  const inputs = { x: model.x, initial: model.initial, w: model.w };
  const call = await compile({ inputs, outputs, unusedInputs: "ignore", backend: gpu });
  const results: NDArray[][] = [];
  for (const poison of [0, Number.NaN]) {
    const { x = 0, initial = 0, w = 0 } = valuesOf(plan, poison);
    results.push(Object.values(await call({ x, initial, w })));
  }
  call.dispose();
  return results;
}

const gpu = await gpuForTests(openGpu);

describe.skipIf(typeof gpu === "string")("webgpu", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());

  test(
    "a random scan computes what the reference does",
    async () => {
      const same_ = fc.asyncProperty(plans, (plan) => checkPlan(gpu, plan));
      await fc.assert(same_, { numRuns, seed });
    },
    long ? 3_600_000 : 120_000,
  );
});
