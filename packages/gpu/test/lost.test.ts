/** A device that goes away, and one that has not done what it was to do. */
import { add, compile, shared, sum, tensor } from "@scan-train/core";
import { afterAll, describe, expect, it } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import type { GpuSession } from "../src/device/session.ts";
import { openGpu } from "../src/open-gpu.ts";

const gpu = await gpuForTests(openGpu);
const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => String(error).replaceAll(/\n {2}at .*/g, ""),
  );

describe.skipIf(typeof gpu === "string")("a GPU that is lost", () => {
  if (typeof gpu === "string") return;
  const backend = gpu;
  afterAll(() => backend.close());
  const x = tensor("x", { shape: ["N"] });

  it("a lost device rejects calls, keeps the last known values, and opens again", async () => {
    const own = await openGpu();
    const w = shared([1, 2], { name: "w" });
    const f = await compile({
      inputs: { x },
      outputs: { y: sum(w) },
      updates: [[w, add(w, x)]],
      backend: own,
    });
    await f({ x: [1, 1] });
    expect((await w.read()).toArray()).toEqual([2, 3]);
    await f({ x: [10, 10] });
    const { session } = own.device as unknown as {
      readonly session: { readonly device: { destroy(): void } };
    };
    const pending = f({ x: [1, 1] });
    session.device.destroy();
    expect(await refusal(pending)).toMatch(/^UnsupportedError: GPU_LOST: the GPU was lost: /);
    expect(own.isLost).toBe(true);
    expect(await refusal(f({ x: [1, 1] }))).toMatch(
      /GPU_LOST.*\n.*\n {2}hint: await gpu\.reopen\(\)/,
    );
    await own.reopen();
    expect((await f({ x: [1, 1] })).y.item()).toBe(5);
    expect((await w.read()).toArray()).toEqual([3, 4]);
    own.close();
    expect(await refusal(f({ x: [1, 1] }))).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_CLOSED: the GPU was closed
        hint: close() it after the last call; await gpu.reopen() opens it again"
    `);
  });

  it("opens once where it is asked twice, and not where it was closed meanwhile", async () => {
    const own = await openGpu();
    const w = shared([1, 2], { name: "w" });
    const f = await compile({ inputs: { x }, outputs: { y: sum(add(w, x)) }, backend: own });
    const sessionOf = (): unknown => (own.device as unknown as { readonly latest: unknown }).latest;
    own.close();
    const both = Promise.all([own.reopen(), own.reopen()]);
    expect(await refusal(f({ x: [1, 1] }))).toMatch(/GPU_CLOSED/);
    w.set([5, 5]);
    await both;
    const opened = sessionOf();
    await own.reopen();
    expect(sessionOf()).toBe(opened);
    expect((await f({ x: [1, 1] })).y.item()).toBe(12);
    own.close();
    const opening = own.reopen();
    own.close();
    expect(await refusal(opening)).toMatch(/GPU_CLOSED/);
    expect(own.isLost).toBe(true);
    await own.reopen();
    expect((await f({ x: [1, 1] })).y.item()).toBe(12);
    own.close();
  });

  it("a value that is written while an older one is read is what a loss leaves", async () => {
    const own = await openGpu();
    const w = shared([1, 2], { name: "w" });
    await compile({ inputs: { x }, outputs: { y: sum(add(w, x)) }, backend: own });
    const older = w.read();
    w.set([3, 4]);
    expect((await older).toArray()).toEqual([1, 2]);
    own.close();
    await own.reopen();
    expect((await w.read()).toArray()).toEqual([3, 4]);
    own.close();
  });

  it("a value does not count where the GPU refused what came before it", async () => {
    const w = shared([1, 2], { name: "w" });
    await compile({ inputs: { x }, outputs: { y: sum(add(w, x)) }, backend });
    const { device } = (backend.device as unknown as { readonly session: GpuSession }).session;
    const value = w.read();
    class GPUValidationError extends Error {}
    const error = new GPUValidationError("not like this");
    device.dispatchEvent(Object.assign(new Event("uncapturederror"), { error }));
    expect(await refusal(value)).toMatch(/GPU_REFUSED.*\n {2}not like this/);
    expect((await w.read()).toArray()).toEqual([1, 2]);
  });

  it("without memory left a device is lost, and not at fault", async () => {
    const own = await openGpu();
    const f = await compile({ inputs: { x }, outputs: { y: add(x, 1) }, backend: own });
    const { device } = (own.device as unknown as { readonly session: GpuSession }).session;
    class GPUOutOfMemoryError extends Error {}
    const event = Object.assign(new Event("uncapturederror"), { error: new GPUOutOfMemoryError() });
    device.dispatchEvent(event);
    expect(own.isLost).toBe(true);
    expect(await refusal(f({ x: [1] }))).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_LOST: the GPU was lost: it has no memory left
        variables have the values that were last written to them or read from them
        hint: await gpu.reopen(), and use a smaller batch, shorter sequences, or a memory budget of the scan"
    `);
    own.close();
  });
});
