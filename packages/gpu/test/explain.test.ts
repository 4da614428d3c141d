/** What a call costs, as `explain()` tells it: counted, not timed. */
import {
  compile,
  dot,
  grad,
  mean,
  scan,
  shared,
  sqr,
  sub,
  tanh,
  tensor,
  zeros,
} from "@scan-train/core";
import { afterAll, describe, expect, it } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { openGpu } from "../src/open-gpu.ts";

const gpu = await gpuForTests(openGpu);

/** The numbers of the last call. */
function lastCall(
  explained: string,
): Readonly<Record<"dispatches" | "submits" | "in" | "out", number>> {
  const found =
    /last call: (\d+) dispatches in (\d+) submits?, (\d+) bytes to the device, (\d+) bytes back, encoded in \d+\.\d\d ms/.exec(
      explained,
    );
  const [, dispatches = NaN, submits = NaN, bytesIn = NaN, bytesOut = NaN] = (found ?? []).map(
    Number,
  );
  return { dispatches, submits, in: bytesIn, out: bytesOut };
}

describe.skipIf(typeof gpu === "string")("explain() on a GPU", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());
  const x = tensor("x", { shape: ["T", "B", 3] });
  const batch = (T: number, B: number) => ({
    x: { data: new Float32Array(T * B * 3).fill(0.5), shape: [T, B, 3] },
  });

  it("counts one submit whatever T, the batch in and the loss out", async () => {
    const W = shared({ data: new Float32Array(9).fill(0.1), shape: [3, 3] }, { name: "W" });
    const { outputs } = scan({
      sequences: { x },
      init: { h: zeros([x.size(1), 3]) },
      step: ({ x: x_t, h }) => ({ h: tanh(x_t.add(dot(h, W))) }),
    });
    const loss = mean(sqr(outputs.h));
    const step = await compile({
      inputs: { x },
      outputs: { loss },
      updates: [[W, sub(W, grad(loss, W))]],
      backend: gpu,
    });
    expect(step.explain()).toContain("last call: none yet");
    const dispatches: number[] = [];
    for (const T of [1, 8, 200]) {
      await step(batch(T, 2));
      const call = lastCall(step.explain());
      expect(call).toMatchObject({ submits: 1, in: 4 * T * 2 * 3, out: 4 });
      dispatches.push(call.dispatches);
    }
    // Two kernels per step forward, two or three backward.
    const perStep = ((dispatches[2] ?? 0) - (dispatches[1] ?? 0)) / 192;
    expect(perStep).toBeLessThanOrEqual(5);
    step.dispose();
  });

  it("counts as many dispatches for any T where a scan has no recurrence", async () => {
    const { outputs } = scan({
      sequences: { x },
      init: {},
      step: ({ x: x_t }) => ({ y: tanh(x_t.mul(2)) }),
    });
    const map = await compile({ inputs: { x }, outputs: { y: outputs.y }, backend: gpu });
    for (const T of [1, 7, 300]) {
      await map(batch(T, 4));
      expect(lastCall(map.explain()).dispatches).toBe(1);
    }
    map.dispose();
  });

  it("counts both submits of a call that is looked at before it is kept", async () => {
    const w = shared([1, 2], { name: "w" });
    const v = tensor("v", { shape: [2] });
    const step = await compile({
      inputs: { v },
      outputs: { y: sub(w, v) },
      updates: [[w, sub(w, v)]],
      backend: gpu,
      check: "nan",
    });
    for (let call = 0; call < 2; call++) await step({ v: [1, 1] });
    expect(lastCall(step.explain())).toMatchObject({ submits: 2, in: 8, out: 16 });
  });
});

describe.skipIf(typeof gpu === "string")("loops", () => {
  it.each(["auto", "never"] as const)(
    "that take no step run with immediates %s",
    async (immediates) => {
      const own = await openGpu({ immediates });
      const x = tensor("x", { shape: ["T", 2] });
      const { final } = scan({
        sequences: { x },
        init: { h: zeros([2]) },
        step: ({ x: x_t, h }) => ({ h: tanh(h.add(x_t)) }),
      });
      const last = await compile({ inputs: { x }, outputs: { h: final.h }, backend: own });
      expect((await last({ x: { data: new Float32Array(), shape: [0, 2] } })).h.toArray()).toEqual([
        0, 0,
      ]);
      expect((await last({ x: [[1, 0]] })).h.data[0]).toBeCloseTo(0.7616, 4);
      own.close();
    },
  );
});
