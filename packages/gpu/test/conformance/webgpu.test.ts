import { afterAll, describe, expect, test } from "vitest";
import { gpuForTests } from "../../../../scripts/gpu-for-tests.ts";
import { openGpu } from "../../src/open-gpu.ts";
import { conformanceChecks } from "./checks.ts";

const gpu = await gpuForTests(openGpu);

describe.skipIf(typeof gpu === "string")("webgpu", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());
  test.each(conformanceChecks)("$name", async ({ run }) => {
    expect(await run(gpu)).toEqual([]);
  });
});
