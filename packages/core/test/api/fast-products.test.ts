/** Products under fast numerics: relaxed multiply-add where the engine has it, near the portable result; portable never. */
import { setFlagsFromString } from "node:v8";
import { afterAll, describe, expect, it } from "vitest";
import { relaxedProbe } from "../../src/backend/wasm/relaxed-probe.ts";
import { compileGraph } from "../../src/api/compile-graph.ts";
import { compile, dot, tensor, transpose, type Tensor } from "../../src/index.ts";
import { build } from "../../src/runtime/build.ts";
import { productStyle } from "../../src/runtime/engine.ts";

const hasByItself = WebAssembly.validate(relaxedProbe());
if (!hasByItself) setFlagsFromString("--experimental-wasm-relaxed-simd");
afterAll(() => {
  if (!hasByItself) setFlagsFromString("--no-experimental-wasm-relaxed-simd");
});

/** `f32x4.relaxed_madd` and `f64x2.relaxed_madd`, as bytes of a module. */
const instructions = { float32: [0xfd, 0x85, 0x02], float64: [0xfd, 0x87, 0x02] } as const;
const contains = (bytes: Uint8Array, [first, second, third]: readonly number[]): boolean =>
  bytes.some((byte, i) => byte === first && bytes[i + 1] === second && bytes[i + 2] === third);

type Float = "float32" | "float64";
const layouts = ["rows", "columns"] as const;

function product(dtype: Float, layout: (typeof layouts)[number], m: number, n: number, k: number) {
  const a = tensor("a", { shape: [m, k], dtype });
  const b = tensor("b", { shape: layout === "rows" ? [k, n] : [n, k], dtype });
  const right: Tensor = layout === "rows" ? b : transpose(b);
  return { inputs: { a, b }, outputs: { c: dot(a, right) } };
}

function values(dtype: Float, shape: readonly number[], seed: number) {
  const size = shape.reduce((x, y) => x * y, 1);
  const numbers = Array.from({ length: size }, (_, i) => (((i + seed) * 7919) % 1009) / 504 - 1);
  return {
    data: dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers),
    shape,
  };
}

describe.skipIf(!WebAssembly.validate(relaxedProbe()))("fast products", () => {
  it.each(["float32", "float64"] as const)("%s: near the portable ones", async (dtype) => {
    const roundOff = dtype === "float32" ? 2 ** -24 : 2 ** -53;
    for (const layout of layouts)
      for (const [m, n, k] of [
        [1, 7, 5],
        [1, 50, 300],
        [4, 1, 9],
        [13, 17, 259],
        [33, 50, 64],
      ] as const) {
        const graph = product(dtype, layout, m, n, k);
        const given = {
          a: values(dtype, [m, k], 1),
          b: values(dtype, layout === "rows" ? [k, n] : [n, k], 5),
        };
        const [portable, fast] = await Promise.all(
          (["portable", "fast"] as const).map((numerics) => compile({ ...graph, numerics })),
        );
        const [wanted, got] = [portable, fast].map((f) => f?.(given as never).c.data ?? []);
        const farthest = Math.max(
          ...Array.from(got ?? [], (x, i) => Math.abs(x - Number(wanted?.[i]))),
        );
        // Terms of at most 1: k of them, each rounded twice by one and once by the other.
        expect(farthest).toBeLessThanOrEqual(3 * k * k * roundOff);
      }
  });

  it.each(["float32", "float64"] as const)(
    "%s: relaxed instructions, which portable has not",
    (dtype) => {
      expect(productStyle("fast").isRelaxed).toBe(true);
      const graph = compileGraph(product(dtype, "rows", 4, 8, 3));
      const common = { name: "f", ...graph, optimize: "full", sharedMemory: true } as const;
      const other = dtype === "float32" ? "float64" : "float32";
      const fast = build({ ...common, numerics: "fast" }).bytes;
      expect(contains(fast, instructions[dtype])).toBe(true);
      expect(contains(fast, instructions[other])).toBe(false);
      expect(contains(build({ ...common, numerics: "portable" }).bytes, instructions[dtype])).toBe(
        false,
      );
    },
  );
});
