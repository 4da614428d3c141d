import { compile, shared, tensor, add, mul, sum } from "@scan-train/core";
import { afterAll, describe, expect, it } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { openGpu } from "../src/open-gpu.ts";

const gpu = await gpuForTests(openGpu);

describe.skipIf(typeof gpu === "string")("a GPU", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());

  it("adds, and keeps what it is told to keep", async () => {
    const x = tensor("x", { shape: ["N"] });
    const total = shared([0, 0, 0], { name: "total" });
    const next = add(total, x);
    const step = await compile({
      inputs: { x },
      outputs: { y: mul(x, 2), s: sum(next) },
      updates: [[total, next]],
      backend: gpu,
    });
    const { y, s } = await step({ x: [1, 2, 3] });
    expect(y.toArray()).toEqual([2, 4, 6]);
    expect(s.item()).toBe(6);
    const [first, second] = await Promise.all([step({ x: [1, 1, 1] }), step({ x: [1, 1, 1] })]);
    expect([first.s.item(), second.s.item()]).toEqual([9, 12]);
    expect((await total.read()).toArray()).toEqual([3, 4, 5]);
    step.dispose();
    expect((await total.read()).toArray()).toEqual([3, 4, 5]);
    expect(total.get().toArray()).toEqual([3, 4, 5]);
  });

  it("takes the numbers that arrays hold when it is called, also where calls wait for each other", async () => {
    const x = tensor("x", { shape: ["N"] });
    for (const check of ["none", "nan"] as const) {
      const double = await compile({
        inputs: { x },
        outputs: { y: mul(x, 2) },
        backend: gpu,
        check,
      });
      const data = new Float32Array([1, 2]);
      const calls = [1, 2].map(() => double({ x: { data, shape: [2] } }));
      data.fill(9);
      for (const { y } of await Promise.all(calls)) expect(y.toArray()).toEqual([2, 4]);
      double.dispose();
    }
  });
});
