import process from "node:process";
import { afterAll, describe, expect, test } from "vitest";
import { gpuForTests } from "../../../../scripts/gpu-for-tests.ts";
import { openGpu, type GpuOptions } from "../../src/open-gpu.ts";
import { conformanceChecks } from "./checks.ts";

const isLong = process.env["SCAN_TRAIN_LONG"] === "1";

/** Folds and products, whose kernels differ, and a loop with both; of products with sizes of the call every one takes a kernel more. */
const folding =
  /^ops: (reductions|losses|products 1, known)|folds|greatest|^products|softmax|losses|by ids|language|CTC/;

/** Kernels as software likes them, and as real GPUs do: those take software seconds to compile. */
const variants: readonly (GpuOptions & { readonly checks: typeof conformanceChecks })[] = [
  { kernels: "plain", immediates: "auto", checks: conformanceChecks },
  {
    kernels: "barriers",
    immediates: "never",
    checks: isLong ? conformanceChecks : conformanceChecks.filter(({ name }) => folding.test(name)),
  },
];

for (const { checks, ...options } of variants) {
  const gpu = await gpuForTests(() => openGpu(options));
  describe.skipIf(typeof gpu === "string")(`webgpu, ${options.kernels} kernels`, () => {
    if (typeof gpu === "string") return;
    afterAll(() => gpu.close());
    for (const { name, run } of checks)
      test(
        name,
        async () => {
          expect(await run(gpu)).toEqual([]);
        },
        300_000,
      );
  });
}
