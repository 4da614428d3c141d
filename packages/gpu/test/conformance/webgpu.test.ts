import { afterAll, describe, expect, test } from "vitest";
import { gpuForTests } from "../../../../scripts/gpu-for-tests.ts";
import { openGpu } from "../../src/open-gpu.ts";
import { conformanceChecks } from "./checks.ts";

const gpu = await gpuForTests(openGpu);

describe.skipIf(typeof gpu === "string")("webgpu", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());
  for (const { name, run } of conformanceChecks)
    test(name, async () => {
      expect(await run(gpu)).toEqual([]);
    });
});
