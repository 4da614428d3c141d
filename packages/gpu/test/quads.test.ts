/** Elementwise kernels that make four neighbours at once, as real GPUs run them: which arrays they see as vectors, and the same bits. */
import {
  add,
  cast,
  compile,
  exp,
  gt,
  mod,
  mul,
  reverse,
  shared,
  sub,
  take,
  tensor,
  transpose,
  where,
  type DType,
  type Tensor,
} from "@scan-train/core";
import { compileProgram } from "@scan-train/core/backend-kit";
import { afterAll, describe, expect, it, test } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { defaultTraits, type KernelTraits } from "../src/kernel-traits.ts";
import { openGpu } from "../src/open-gpu.ts";
import { renderProgram } from "../src/render-wgsl.ts";
import { wgslFaults } from "./check-wgsl.ts";

const [B, D] = [96, 256];
const x = tensor("x", { shape: ["B", D] });
const y = tensor("y", { shape: ["B", D] });
const row = tensor("row", { shape: [D] });
const column = tensor("column", { shape: ["B", 1] });
const keep = tensor("keep", { shape: ["B", D], dtype: "bool" });
const whole = tensor("whole", { shape: ["B", D], dtype: "int32" });
const ids = tensor("ids", { shape: ["B"], dtype: "int32" });
const square = tensor("square", { shape: [D, D] });
const inputs = { x, y, row, column, keep, whole, ids, square };

const cases: readonly (readonly [string, Tensor<DType>, readonly string[] | undefined])[] = [
  ["arrays of one shape, a row, a column", add(mul(x, row), exp(column)), ["x", "row"]],
  ["a mask", where(keep, x, y), ["x", "y", "keep"]],
  ["a mask that is made", gt(x, y), ["x", "y"]],
  ["integers", cast(mod(whole, 7), "float32"), ["whole"]],
  ["rows that ids choose", add(take(x, ids), y), ["x", "y"]],
  [
    "columns from an odd place on",
    mul(x.index("...", { start: 1, stop: 9 }), y.index("...", { stop: 8 })),
    ["y"],
  ],
  ["columns from a multiple of four on", mul(x.index("...", { start: 4 }), 3), ["x"]],
  ["rows backwards", reverse(x, 0), ["x"]],
  ["columns backwards beside columns", sub(reverse(x, 1), y), ["y"]],
  ["one array in two orders", sub(square, transpose(square)), []],
  ["rows of an odd length", add(x.index("...", { stop: 255 }), 1), undefined],
];

const traits: KernelTraits = { ...defaultTraits, workgroups: "barriers" };

function codeOf(out: Tensor<DType>): string {
  const unusedInputs = "ignore";
  const program = compileProgram({ inputs, outputs: { out }, target: "device", unusedInputs });
  const codes = renderProgram(program, traits).kernels.map(({ code }) => code);
  for (const code of codes) expect(wgslFaults(code), code).toEqual([]);
  return codes.at(-1) ?? "";
}

describe("four neighbours at once", () => {
  it.each(cases)("%s", (_, out, vectors) => {
    const code = codeOf(out);
    const found = [...code.matchAll(/> (\w+): array<vec4</g)].map((match) => match[1]);
    expect(found).toEqual(vectors === undefined ? [] : [...vectors, "out"]);
  });

  it("what holds for a row is computed once", () => {
    const code = codeOf(add(mul(x, row), exp(column)));
    const main = code.slice(code.indexOf("let first"), code.lastIndexOf("}"));
    expect(main.replaceAll(/^ {2}/gm, "").trim()).toMatchInlineSnapshot(`
      "let first = 4 * i1;
      let e = exp[i0];
      let x_4 = x[64 * i0 + i1];
      let row_4 = row[i1];
      let v0 = (x_4[0] * row_4[0]) + e;
      let v0_1 = (x_4[1] * row_4[1]) + e;
      let v0_2 = (x_4[2] * row_4[2]) + e;
      let v0_3 = (x_4[3] * row_4[3]) + e;
      out[64 * i0 + i1] = vec4(v0, v0_1, v0_2, v0_3);"
    `);
  });

  it("few elements have an invocation each", () => {
    expect(codeOf(mul(row, 2))).not.toContain("vec4");
  });
});

const gpu = await gpuForTests(() => openGpu({ kernels: "barriers" }));

describe.skipIf(typeof gpu === "string")("four neighbours at once, on the device", () => {
  if (typeof gpu === "string") return;
  afterAll(() => gpu.close());

  const values = (n: number, times: number): Float32Array =>
    Float32Array.from({ length: n }, (_, i) => ((i * times) % 31) / 8 - 1.5);
  const data = {
    x: { data: values(B * D, 7), shape: [B, D] },
    y: { data: values(B * D, 11), shape: [B, D] },
    row: { data: values(D, 5), shape: [D] },
    column: { data: values(B, 3), shape: [B, 1] },
    keep: { data: Uint8Array.from({ length: B * D }, (_, i) => ((i * i) % 3) % 2), shape: [B, D] },
    whole: { data: Int32Array.from({ length: B * D }, (_, i) => i - 9000), shape: [B, D] },
    ids: Array.from({ length: B }, (_, i) => (5 * i + 3) % B),
    square: { data: values(D * D, 13), shape: [D, D] },
  };

  test.each(cases)("%s", async (_, out) => {
    const outputs = { out };
    const onWasm = await compile({ inputs, outputs, unusedInputs: "ignore" });
    const onGpu = await compile({ inputs, outputs, unusedInputs: "ignore", backend: gpu });
    const want = onWasm(data).out;
    const got = (await onGpu(data)).out;
    onGpu.dispose();
    expect(got.shape).toEqual(want.shape);
    const differences = Array.from(got.data, (value, i) =>
      Math.abs(Number(value) - Number(want.data[i])),
    );
    expect(differences.findIndex((d) => !(d <= 1e-6))).toBe(-1);
  });

  test("new values lie where old ones did", async () => {
    const initial = values(B * D, 3);
    const state = shared({ data: initial, shape: [B, D] }, { name: "state" });
    const speed = shared({ data: values(B * D, 5), shape: [B, D] }, { name: "speed" });
    const g = tensor("g", { shape: [B, D] });
    const step = await compile({
      inputs: { g },
      updates: [
        [speed, sub(mul(speed, 0.5), g)],
        [state, add(state, speed)],
      ],
      backend: gpu,
    });
    const gradient = values(B * D, 17);
    await step({ g: { data: gradient, shape: [B, D] } });
    const speed0 = values(B * D, 5);
    const now = await state.read();
    const nowSpeed = await speed.read();
    step.dispose();
    // Eighths and their halves are exact.
    expect(now.data.findIndex((v, i) => v !== (initial[i] ?? 0) + (speed0[i] ?? 0))).toBe(-1);
    expect(
      nowSpeed.data.findIndex((v, i) => v !== 0.5 * (speed0[i] ?? 0) - (gradient[i] ?? 0)),
    ).toBe(-1);
  });
});
