/** What is asked of a device happens in the order in which it was asked, also where a call takes several turns. */
import { add, compile, mul, scan, shared, stepResult, sum, take, tensor } from "@scan-train/core";
import { isDeviceBackend, type DeviceBackend } from "@scan-train/core/backend-kit";
import { afterAll, describe, expect, it } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { openGpu } from "../src/open-gpu.ts";
import { interpreter } from "./conformance/interpreter-backend.ts";

const gpu = await gpuForTests(openGpu);
afterAll(() => {
  if (typeof gpu !== "string") gpu.close();
});
const backends: readonly DeviceBackend[] = [interpreter, gpu].filter(
  (backend) => typeof backend !== "string" && isDeviceBackend(backend),
);
const x = tensor("x", { shape: ["N"] });

describe.each(backends)("on $name", (backend) => {
  /** Adds the sum of x to a variable, and looks at the result before it keeps it. */
  async function adder() {
    const total = shared([0], { name: "total" });
    const updates = [[total, add(total, sum(x))]] as const;
    const step = await compile({ inputs: { x }, updates, backend, check: "nan" });
    return { total, step };
  }

  it("a value is read after the calls made before", async () => {
    const { total, step } = await adder();
    const pending = step({ x: [1] });
    expect((await total.read()).toArray()).toEqual([1]);
    await pending;
  });

  it("a value is set after the calls made before", async () => {
    const { total, step } = await adder();
    const pending = step({ x: [1] });
    const value = new Float32Array([10]);
    total.set({ data: value, shape: [1] });
    value.fill(99);
    await Promise.all([pending, step({ x: [5] })]);
    expect((await total.read()).toArray()).toEqual([15]);
  });

  it("other functions see what calls made before have kept", async () => {
    const { total, step } = await adder();
    const look = await compile({ inputs: { x }, outputs: { y: add(total, sum(x)) }, backend });
    const data = new Float32Array([2]);
    const calls = [step({ x: [1] }), look({ x: { data, shape: [1] } }), step({ x: [1] })] as const;
    data.fill(99);
    expect((await calls[1]).y.toArray()).toEqual([3]);
    await Promise.all(calls);
    expect((await look({ x: [0] })).y.toArray()).toEqual([2]);
  });

  it("what is disposed of first runs what it was asked", async () => {
    const { total, step } = await adder();
    const pending = step({ x: [1] });
    step.dispose();
    await expect(step({ x: [1] })).rejects.toThrow(/DISPOSED/);
    await pending;
    expect((await total.read()).toArray()).toEqual([1]);
    expect(total.get().toArray()).toEqual([1]);
  });

  it("a call that counts its steps first runs in its turn, and others after a failure", async () => {
    const { total, step } = await adder();
    const { outputs } = scan({
      init: { h: sum(x) },
      nSteps: 9,
      step: ({ h }) => stepResult({ h: mul(h, 2) }, { until: mul(h, 2).gt(take(total, 0)) }),
    });
    const double = await compile({ inputs: { x }, outputs: { h: outputs.h }, backend });
    const calls = [step({ x: [5] }), double({ x: [1] }), step({ x: [NaN] }), double({ x: [1] })];
    const [, first, failed, second] = await Promise.allSettled(calls);
    expect(failed?.status).toBe("rejected");
    for (const settled of [first, second])
      expect(settled).toMatchObject({ value: { h: { shape: [3] } } });
  });

  it("a value that is set while it is brought home is not lost", async () => {
    const total = shared([0], { name: "total" });
    const step = await compile({ inputs: { x }, updates: [[total, add(total, x)]], backend });
    await step({ x: [1] });
    step.dispose();
    const before = total.read();
    total.set([5]);
    expect((await before).toArray()).toEqual([1]);
    expect((await total.read()).toArray()).toEqual([5]);
    expect(total.get().toArray()).toEqual([5]);
  });
});

describe.skipIf(typeof gpu === "string")("on a GPU", () => {
  if (typeof gpu === "string") return;

  it("a call keeps its values whatever has become of another meanwhile", async () => {
    const ids = tensor("ids", { dtype: "int32", shape: ["K"] });
    const [a, b] = [shared([0], { name: "a" }), shared([0], { name: "b" })];
    const adding = (variable: typeof a, check: "nan" | "none") =>
      compile({
        inputs: { x, ids },
        updates: [[variable, add(variable, sum(take(x, ids)))]],
        backend: gpu,
        check,
      });
    const [f, g] = [await adding(a, "nan"), await adding(b, "none")];
    const first = f({ x: [1, 2], ids: [1] });
    // It has begun, and looks at what it computed while the other fails.
    for (let i = 0; i < 3; i++) await Promise.resolve();
    const [kept, failed] = await Promise.allSettled([first, g({ x: [1, 2], ids: [7] })]);
    expect([kept?.status, failed?.status]).toEqual(["fulfilled", "rejected"]);
    expect((await a.read()).toArray()).toEqual([2]);
    expect((await b.read()).toArray()).toEqual([0]);
  });
});

it("a variable that another function takes while a device compiles is not taken from it", async () => {
  const { device } = interpreter;
  const load: typeof device.load = async (program) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return device.load(program);
  };
  const slow: DeviceBackend = { ...interpreter, device: { ...device, load } };
  const total = shared([0], { name: "total" });
  const updates = [[total, add(total, x)]] as const;
  const refused = compile({ inputs: { x }, updates, backend: slow }).then(() => "taken", String);
  const step = await compile({ inputs: { x }, updates });
  expect(await refused).toMatch(/SHARED_OWNED: "total" already belongs to another store/);
  step({ x: [2] });
  expect(total.get().toArray()).toEqual([2]);
});
