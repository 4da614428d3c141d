import {
  binary,
  compare,
  constantSize,
  convert,
  evaluateSize,
  ifStatement,
  indexOf,
  indexVar,
  literal,
  load,
  unary,
  zeroIndex,
  type Statement,
} from "@scan-train/core/backend-kit";
import { describe, expect, it } from "vitest";
import { renderWgsl } from "../src/render-wgsl.ts";
import { workgroupCounts } from "../src/wgsl-kernel.ts";
import { buffers, func, kernelOf, n, program, size } from "./build-program.ts";
import { wgslFaults } from "./check-wgsl.ts";

const b = buffers({ x: "f32", y: "f32" });
const [i, t] = [indexVar("i"), indexVar("t")];
const T = size("T");

describe("dispatches", () => {
  const step = func(
    "step",
    [
      {
        kind: "for",
        var: i,
        extent: n,
        parallel: true,
        body: [
          {
            kind: "store",
            buffer: b.y,
            index: {
              terms: [
                { coef: n, of: t },
                { coef: constantSize(1), of: i },
              ],
              offset: n,
            },
            value: load(b.x, indexOf(i)),
          },
        ],
      },
    ],
    [t],
  );
  const copy: Statement = {
    kind: "copy",
    from: b.y,
    fromOffset: indexOf(t, n),
    to: b.x,
    toOffset: zeroIndex,
    size: n,
  };
  const loop: Statement = {
    kind: "for",
    var: t,
    extent: T,
    parallel: false,
    body: [{ kind: "call", func: step, args: [indexOf(t)] }, copy],
  };
  const kernels = renderWgsl(program(b, [step], [func("run", [loop])]));

  it("the loop of a scan is the host's; each function and each copy in it is a kernel", () => {
    expect(kernels.map((k) => k.name)).toEqual(["step", "run_copy_0"]);
  });

  it("the step counter is a param, sizes are sizes, in the order of the structs", () => {
    for (const { uniforms, code } of kernels) {
      expect(uniforms.sizes.map((f) => f.name)).toEqual(["n"]);
      expect(uniforms.params).toEqual([{ name: "t", index: t }]);
      expect(code).toContain("struct Params {\n  t: i32,\n}");
      expect(wgslFaults(code)).toEqual([]);
    }
  });

  it("buffers are bound in the program's order", () => {
    expect(kernels[0]?.bindings).toEqual([
      { name: "x", buffer: b.x, type: "f32" },
      { name: "y", buffer: b.y, type: "f32" },
    ]);
  });

  it("workgroups are counted at the call, and never too many along one axis", () => {
    const { workgroups } = kernels[0] ?? { workgroups: n };
    expect(evaluateSize(workgroups, new Map([["n", 129]]))).toBe(3);
    expect(workgroupCounts(0)).toEqual([0, 1, 1]);
    expect(workgroupCounts(65535)).toEqual([65535, 1, 1]);
    const [x, y] = workgroupCounts(200_000);
    expect(x).toBeLessThanOrEqual(65535);
    expect(x * y).toBeGreaterThanOrEqual(200_000);
  });

  it("the same program gives the same text", () => {
    const again = renderWgsl(program(b, [step], [func("run", [loop])]));
    expect(again.map((k) => k.code)).toEqual(kernels.map((k) => k.code));
  });
});

describe("names", () => {
  it("are the user's where WGSL allows, and never clash", () => {
    const bound = buffers({
      target: "f32",
      "h[t-1]": "f32",
      "2nd": "f32",
      größe: "f32",
      max: "f32",
    });
    const all = Object.values(bound);
    const sum = all.map((x) => load(x, zeroIndex)).reduce((x, y) => binary("add", x, y));
    const kernel = kernelOf(bound, [
      { kind: "store", buffer: bound.max, index: zeroIndex, value: sum },
    ]);
    expect(kernel.bindings.map((x) => x.name)).toEqual([
      "target_1",
      "h_t_1",
      "n_2nd",
      "gr_e",
      "max_1",
    ]);
    expect(wgslFaults(kernel.code)).toEqual([]);
  });
});

describe("what is refused", () => {
  const store = (buffer: typeof b.x, value: Parameters<typeof unary>[1]): Statement => ({
    kind: "store",
    buffer,
    index: zeroIndex,
    value,
  });

  it("a float64 buffer, by its name", () => {
    const wide = buffers({ loss: "f64" });
    expect(() => kernelOf(wide, [])).toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: GPU_TYPE: test: input buffer "loss" is float64, which WebGPU does not have
        hint: build the graph in float32 (dtype: "float32", or cast(x, "float32")), or compile it for the wasm backend]
    `);
  });

  it("a float64 value between float32 buffers", () => {
    const value = convert("f32", convert("f64", load(b.x, zeroIndex)));
    expect(() => kernelOf(b, [store(b.y, value)])).toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: GPU_TYPE: a value (convert) is float64, which WebGPU does not have
        hint: build the graph in float32 (dtype: "float32", or cast(x, "float32")), or compile it for the wasm backend]
    `);
  });

  it("an operation that nobody expanded", () => {
    const value = unary("tanh", load(b.x, zeroIndex));
    expect(() => kernelOf(b, [store(b.y, value)])).toThrowErrorMatchingInlineSnapshot(`
      [InternalError: INTERNAL: WGSL has no tanh of f32; was the program legalised?
        hint: this is a defect of scan-train: please report it with the graph that shows it]
    `);
  });

  it("values that are to be shown", () => {
    const show: Statement = { kind: "host", event: 0, buffer: b.x, index: zeroIndex };
    expect(() => kernelOf(b, [show])).toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: GPU_HOST: what runs on the GPU cannot show values (printValue) or be timed by kernel (profile: true)
        hint: leave these out, or compile to WebAssembly: leave backend out]
    `);
  });

  it("a host decision that depends on the device", () => {
    const copy: Statement = {
      kind: "copy",
      from: b.x,
      fromOffset: zeroIndex,
      to: b.y,
      toOffset: zeroIndex,
      size: n,
    };
    const cond = compare("lt", load(b.x, zeroIndex), literal("f32", 0));
    const run = func("run", [ifStatement(cond, [copy])]);
    expect(() => renderWgsl(program(b, [], [run]))).toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: GPU_BRANCH: function run: "if" decides on the device what the host is to start
        hint: compile this graph for the wasm backend]
    `);
  });
});
