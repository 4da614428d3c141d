import { afterAll, describe, expect, test } from "vitest";
import { gpuForTests } from "../../../../scripts/gpu-for-tests.ts";
import { openGpu } from "../../src/open-gpu.ts";
import { conformanceCases } from "./cases/index.ts";
import { checkCase } from "./check.ts";

const gpu = await gpuForTests(openGpu);

describe.skipIf(typeof gpu === "string")("webgpu", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());
  test.each(conformanceCases)("$name", async (conformance) => {
    expect(await checkCase(conformance, gpu)).toEqual([]);
  });
});
