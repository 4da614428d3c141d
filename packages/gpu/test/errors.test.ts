/** What a GPU cannot do, or no longer: each has its message and its remedy. */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  add,
  cast,
  compile,
  dot,
  mul,
  onWarning,
  printValue,
  shared,
  Store,
  sum,
  tensor,
  type CompileSpec,
  type Tensor,
} from "@scan-train/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { compileProgram } from "@scan-train/core/backend-kit";
import { noBinding, tooLarge } from "../src/device/gpu-errors.ts";
import { findAdapter } from "../src/device/find-adapter.ts";
import { GpuSession } from "../src/device/session.ts";
import { openBackend } from "../src/open-backend.ts";
import { openGpu, type GpuBackend } from "../src/open-gpu.ts";
import { renderWgsl } from "../src/render-wgsl.ts";

const gpu = await gpuForTests(openGpu);
const messageOf = (error: unknown): string =>
  String(error)
    .replaceAll(typeof gpu === "string" ? "no adapter" : gpu.adapter, "ADAPTER")
    .replaceAll(/\n {2}at .*/g, "")
    .replaceAll(/\n {2}made at .*/g, "");
const refusal = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "no error", messageOf);

const refusalOf = (call: () => unknown): string => {
  try {
    call();
    return "no error";
  } catch (error) {
    return messageOf(error);
  }
};

describe("without a GPU", () => {
  it("a page without WebGPU is told what it needs", async () => {
    const versions = vi.spyOn(process, "versions", "get").mockReturnValue({} as never);
    try {
      expect(await refusal(openGpu())).toMatchInlineSnapshot(`
        "UnsupportedError: GPU_NO_API: this page has no WebGPU: navigator.gpu is missing
          hint: serve the page from https or localhost, and take a browser with WebGPU (Chrome and Edge from 113, Safari from 26, Firefox from 141); or compile for WebAssembly: leave backend out, or take --backend wasm"
      `);
      const warnings: string[] = [];
      const stop = onWarning(({ code, message }) => void warnings.push(`${code}: ${message}`));
      const first = await openBackend("auto");
      const second = await openBackend("auto");
      stop();
      expect([first.backend.name, second.backend.name]).toEqual(["wasm", "wasm"]);
      // Why, once.
      expect(warnings).toMatchInlineSnapshot(`
        [
          "BACKEND_AUTO: backend auto takes WebAssembly: this page has no WebGPU: navigator.gpu is missing",
        ]
      `);
      const x = tensor("x", { shape: ["N"] });
      const double = await compile({
        inputs: { x },
        outputs: { y: mul(x, 2) },
        backend: first.backend,
      });
      const promise = double({ x: [1, 2] });
      expect(promise).toBeInstanceOf(Promise);
      expect((await promise).y.toArray()).toEqual([2, 4]);
    } finally {
      versions.mockRestore();
    }
  });

  it("Node without the package webgpu is told what to install", () => {
    const absent = Object.assign(new Error("Cannot find package 'webgpu'"), {
      code: "ERR_MODULE_NOT_FOUND",
    });
    expect(messageOf(noBinding(absent))).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_NO_BINDING: Node has no WebGPU of its own, and the package webgpu is not installed
        hint: npm install webgpu@0.6.2 (on Linux it needs glibc 2.34 and libstdc++ 12, or newer); or compile for WebAssembly: leave backend out, or take --backend wasm"
    `);
    const broken = Object.assign(new Error("libm.so.6: version `GLIBC_2.38' not found"), {
      code: "ERR_DLOPEN_FAILED",
    });
    expect(messageOf(noBinding(broken))).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_NO_BINDING: the package webgpu cannot be loaded
        libm.so.6: version \`GLIBC_2.38' not found
        hint: npm install webgpu@0.6.2 (on Linux it needs glibc 2.34 and libstdc++ 12, or newer); or compile for WebAssembly: leave backend out, or take --backend wasm"
    `);
  });

  it("a machine without an adapter is told what to do", () => {
    const entry = fileURLToPath(new URL("../dist/index.js", import.meta.url));
    const script = `
      const { openGpu } = await import(${JSON.stringify(entry)});
      await openGpu().then(() => console.log("a GPU"), (error) => console.log(error.message));
    `;
    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
      env: { ...process.env, VK_ICD_FILENAMES: "/nowhere/driver.json" },
    });
    expect(stdout.replaceAll(/\n {2}at .*/g, "")).toMatchInlineSnapshot(`
      "GPU_NO_ADAPTER: WebGPU found no adapter on this machine
        hint: on Linux, install a Vulkan driver; a software one comes with Chromium: set VK_ICD_FILENAMES to its vk_swiftshader_icd.json and install libvulkan1; or compile for WebAssembly: leave backend out, or take --backend wasm
      "
    `);
  });

  it("a limit is named with both sizes", () => {
    expect(messageOf(tooLarge('"h"', 3e9, 1 << 27))).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_LIMIT: "h" takes 2862 MiB; this adapter allows 128 MiB
        hint: use a smaller batch, shorter sequences, or a memory budget of the scan; or compile for WebAssembly: leave backend out, or take --backend wasm"
    `);
  });

  it("choices and options that do not exist are refused", async () => {
    expect(await refusal(openBackend("cuda" as "auto"))).toMatchInlineSnapshot(`
      "ArgumentError: BACKEND_CHOICE: openBackend: there is no backend "cuda"
        hint: it is one of "webgpu", "wasm", "auto""
    `);
    expect(await refusal(openGpu({ kernel: "plain" } as object))).toMatchInlineSnapshot(`
      "ArgumentError: GPU_OPTION: openGpu has no option kernel
        hint: did you mean kernels? The options are powerPreference, kernels, immediates"
    `);
    expect(await refusal(openGpu({ kernels: "fast" } as object))).toMatchInlineSnapshot(`
      "ArgumentError: GPU_OPTION: openGpu: kernels is "fast"
        hint: it is one of "auto", "barriers", "plain""
    `);
    // Not a reason to take something else.
    expect(await refusal(openBackend("auto", { kernel: "plain" } as object))).toMatch(/GPU_OPTION/);
  });
});

describe.skipIf(typeof gpu === "string")("on a GPU", () => {
  if (typeof gpu === "string") return;
  const backend: GpuBackend = gpu;
  afterAll(() => backend.close());
  const x = tensor("x", { shape: ["N"] });
  const compiling = (
    spec: Omit<CompileSpec<{ x: Tensor }, Record<string, Tensor>, "async">, "inputs">,
  ): Promise<string> => refusal(compile({ inputs: { x }, ...spec, backend, name: "f" }));

  it("float64 is refused by name, with what to do", async () => {
    expect(await compiling({ outputs: { y: cast(x, "float64") } })).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_TYPE: f: output buffer "y" is float64, which WebGPU does not have
        hint: build the graph in float32 (dtype: "float32", or cast(x, "float32")), or compile it for the wasm backend"
    `);
    expect(await compiling({ outputs: { y: cast(cast(x, "float64").mul(2), "float32") } }))
      .toMatchInlineSnapshot(`
      "UnsupportedError: GPU_TYPE: a value (convert) is float64, which WebGPU does not have
        hint: build the graph in float32 (dtype: "float32", or cast(x, "float32")), or compile it for the wasm backend"
    `);
    const rate = shared(1, { name: "rate", dtype: "float64" });
    const y = mul(x, cast(rate, "float32"));
    expect(await compiling({ outputs: { y } })).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_TYPE: f: shared buffer "rate" is float64, which WebGPU does not have
        hint: make the variable float32; an optimiser keeps its scalars so when asked: updates(parameters, gradients, { scalars: "float32" })"
    `);
  });

  it("values that are shown, profiles and stores are refused", async () => {
    expect(await compiling({ outputs: { y: printValue(x, "x") } })).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_HOST: what runs on the GPU cannot show values (printValue) or be timed by kernel (profile: true)
        hint: leave these out, or compile to WebAssembly: leave backend out"
    `);
    expect(await compiling({ outputs: { y: add(x, 1) }, profile: true })).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_HOST: what runs on the GPU cannot show values (printValue) or be timed by kernel (profile: true)
        hint: leave these out, or compile to WebAssembly: leave backend out"
    `);
    expect(await compiling({ outputs: { y: add(x, 1) }, store: new Store() }))
      .toMatchInlineSnapshot(`
      "ArgumentError: COMPILE_OPTION_VALUE: compile: a store is memory of WebAssembly
        hint: leave store out: webgpu keeps variables on its device"
    `);
  });

  it("a shader that the driver does not take is told as what it is: our fault", async () => {
    const { session } = backend.device as unknown as { readonly session: GpuSession };
    const [kernel] = renderWgsl(
      compileProgram({ inputs: { x }, outputs: { y: add(x, 1) }, target: "device" }),
    );
    if (kernel === undefined) throw new RangeError("no kernel");
    const broken = { ...kernel, code: kernel.code.replace("fn main", "fn man") };
    const told = await refusal(session.ready(broken));
    expect(told).toMatch(
      /^UnsupportedError: GPU_REFUSED: kernel add: the GPU refused it\n {2}.*main/,
    );
    expect(told).toMatch(/please report it; meanwhile compile for WebAssembly/);
  });

  it("a variable on the GPU is read by promise, and belongs there until its functions are gone", async () => {
    const w = shared([1, 2], { name: "w" });
    const f = await compile({ inputs: { x }, outputs: { y: sum(mul(x, w)) }, backend });
    expect(refusalOf(() => w.get())).toMatchInlineSnapshot(`
      "ArgumentError: SHARED_ON_DEVICE: the value is on the GPU (ADAPTER), which answers later
        hint: await variable.read() in place of variable.get()"
    `);
    expect(await refusal(compile({ inputs: { x }, outputs: { y: sum(mul(x, w)) } })))
      .toMatchInlineSnapshot(`
        "ArgumentError: SHARED_OWNED: "w" already belongs to the GPU (ADAPTER)
          hint: functions that share a variable share a store: give each the same, or dispose() of those of the other; a trainer gives its variables back by close()"
      `);
    f.dispose();
    expect((await w.read()).toArray()).toEqual([1, 2]);
    const here = await compile({ inputs: { x }, outputs: { y: sum(mul(x, w)) } });
    expect(here({ x: [3, 4] }).y.item()).toBe(11);
    expect(await refusal(compile({ inputs: { x }, outputs: { y: sum(mul(x, w)) }, backend })))
      .toMatchInlineSnapshot(`
      "ArgumentError: SHARED_OWNED: "w" already belongs to another store
        hint: functions that share a variable run on one backend: compile all of them for it, or dispose() of those of the other; a trainer gives its variables back by close()"
    `);
    here.dispose();
  });

  it("wrong calls reject, and calls after dispose", async () => {
    const f = await compile({ inputs: { x }, outputs: { y: add(x, 1) }, backend, name: "f" });
    expect(await refusal(f({ y: [1] } as never))).toMatch(
      /^ArgumentError: CALL_INPUT: f has no input "y"/,
    );
    expect(await refusal(f({ x: [[1]] }))).toMatch(/^ShapeError: /);
    f.dispose();
    expect(await refusal(f({ x: [1] }))).toMatch(/^ArgumentError: DISPOSED: f was disposed/);
  });

  it("an adapter without a device is named, with what the browser said", async () => {
    const found = await findAdapter("high-performance");
    const adapter = {
      limits: found.adapter.limits,
      requestDevice: () => Promise.reject(new Error("too many devices")),
    } as unknown as GPUAdapter;
    const opening = GpuSession.open({ ...found, adapter }, { kernels: "auto", immediates: "auto" });
    expect(await refusal(opening)).toMatchInlineSnapshot(`
      "UnsupportedError: GPU_NO_ADAPTER: the adapter ADAPTER gives no device
        too many devices
        hint: close what else uses the GPU, or restart the browser; or compile for WebAssembly: leave backend out, or take --backend wasm"
    `);
  });

  it("a product over nothing binds what has no element", async () => {
    const w = shared({ data: new Float32Array(0), shape: [0, 4] }, { name: "w" });
    const m = tensor("m", { shape: ["B", "K"] });
    const f = await compile({ inputs: { m }, outputs: { y: dot(m, w) }, backend });
    const { y } = await f({ m: { data: new Float32Array(0), shape: [2, 0] } });
    expect(y.toArray()).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });
});
