import {
  constantSize,
  indexOf,
  indexVar,
  load,
  readVar,
  scalarVar,
  zeroIndex,
  type MatrixView,
  type ReduceOp,
  type ReduceOrder,
  type ScalarType,
  type Statement,
} from "@scan-train/core/backend-kit";
import { describe, expect, it } from "vitest";
import { renderWgsl } from "../src/render-wgsl.ts";
import { buffers, func, kernelOf, mainOf, n, program, size, two } from "./build-program.ts";
import { wgslFaults } from "./check-wgsl.ts";

const b = buffers({ a: "f32", b: "f32", c: "f32", panels: "f32", ids: "i32", flags: "bool" });
const [m, k] = [size("m"), size("k")];
const one = constantSize(1);

function fold(op: ReduceOp, order: ReduceOrder, type: ScalarType): string {
  const [source, target] =
    type === "f32" ? [b.a, b.c] : type === "i32" ? [b.ids, b.ids] : [b.flags, b.flags];
  const [result, index] = [scalarVar("fold", type), indexVar("k")];
  const value = load(source, indexOf(index));
  const body: Statement[] = [
    { kind: "reduce", var: result, index, extent: n, op, order, value },
    { kind: "store", buffer: target, index: zeroIndex, value: readVar(result) },
  ];
  const kernel = kernelOf(b, body);
  expect(wgslFaults(kernel.code), kernel.code).toEqual([]);
  return mainOf(kernel);
}

describe("folds", () => {
  it("lanes: 16 accumulators and a fixed tree", () => {
    expect(fold("add", "lanes", "f32")).toMatchInlineSnapshot(`
      "var fold_lanes: array<f32, 16>;
      for (var lane = 0; lane < 16; lane++) { fold_lanes[lane] = 0.0f; }
      for (var k = 0; k < sizes.n; k++) {
        fold_lanes[k & 15] = fold_lanes[k & 15] + a[k];
      }
      for (var distance = 8; distance > 0; distance = distance / 2) {
        for (var lane = 0; lane < distance; lane++) { fold_lanes[lane] = fold_lanes[lane] + fold_lanes[lane + distance]; }
      }
      let fold = fold_lanes[0];
      c[0] = fold;"
    `);
  });

  it("blocks: 256 elements each, then the blocks in order", () => {
    expect(fold("max", "blocks", "i32")).toMatchInlineSnapshot(`
      "var fold_total = i32(-2147483648);
      for (var start = 0; start < sizes.n; start += 256) {
        var fold_block = i32(-2147483648);
        for (var k = start; k < min(start + 256, sizes.n); k++) {
          fold_block = max(fold_block, ids[k]);
        }
        fold_total = max(fold_total, fold_block);
      }
      let fold = fold_total;
      ids[0] = fold;"
    `);
  });

  it("begin with what changes nothing", () => {
    const begins = (op: ReduceOp, type: ScalarType): string | undefined =>
      /var fold_total = (.*);/.exec(fold(op, "blocks", type))?.[1];
    expect(begins("mul", "f32")).toBe("1.0f");
    expect(begins("min", "f32")).toBe("bitcast<f32>(infinity_bits)");
    expect(begins("max", "f32")).toBe("bitcast<f32>(minus_infinity_bits)");
    expect(begins("max", "i32")).toBe("i32(-2147483648)");
    expect(begins("min", "i32")).toBe("2147483647i");
    expect(begins("and", "bool")).toBe("true");
    expect(begins("or", "bool")).toBe("false");
  });
});

const rowMajor = (buffer: MatrixView["buffer"], columns: typeof n): MatrixView => ({
  buffer,
  offset: zeroIndex,
  rowStride: columns,
  colStride: one,
});
const product = (
  b2: Extract<Statement, { kind: "matmul" }>["b"],
  accumulate: boolean,
): Statement => ({
  kind: "matmul",
  a: rowMajor(b.a, k),
  b: b2,
  c: rowMajor(b.c, n),
  m,
  n,
  k,
  accumulate,
});

function entryKernel(statement: Statement): string {
  const [kernel] = renderWgsl(program(b, [], [func("run", [statement])]));
  expect(wgslFaults(kernel?.code ?? "")).toEqual([]);
  return kernel === undefined ? "" : mainOf(kernel);
}

describe("matrices", () => {
  it("a product has one invocation per four rows and four columns, and adds blocks of 256", () => {
    expect(entryKernel(product(rowMajor(b.b, n), false))).toMatchInlineSnapshot(`
      "let tile_i = invocation / sizes.ceilDiv_n_4;
      let tile_j = invocation % sizes.ceilDiv_n_4;
      let i = 4 * tile_i;
      let j = 4 * tile_j;
      let i_0 = i;
      let i_1 = min(i + 1, sizes.m - 1);
      let i_2 = min(i + 2, sizes.m - 1);
      let i_3 = min(i + 3, sizes.m - 1);
      let j_0 = j;
      let j_1 = min(j + 1, sizes.n - 1);
      let j_2 = min(j + 2, sizes.n - 1);
      let j_3 = min(j + 3, sizes.n - 1);
      var total_0 = vec4(0.0f);
      var total_1 = vec4(0.0f);
      var total_2 = vec4(0.0f);
      var total_3 = vec4(0.0f);
      for (var start = 0; start < sizes.k; start += 256) {
        var sum_0 = vec4(0.0f); var sum_1 = vec4(0.0f); var sum_2 = vec4(0.0f); var sum_3 = vec4(0.0f);
        for (var p = start; p < min(start + 256, sizes.k); p++) {
          let right = vec4(b[sizes.n * p + j_0], b[sizes.n * p + j_1], b[sizes.n * p + j_2], b[sizes.n * p + j_3]);
          sum_0 = sum_0 + a[sizes.k * i_0 + p] * right;
          sum_1 = sum_1 + a[sizes.k * i_1 + p] * right;
          sum_2 = sum_2 + a[sizes.k * i_2 + p] * right;
          sum_3 = sum_3 + a[sizes.k * i_3 + p] * right;
        }
        total_0 = total_0 + sum_0; total_1 = total_1 + sum_1; total_2 = total_2 + sum_2; total_3 = total_3 + sum_3;
      }
      c[sizes.n * i_0 + j_0] = total_0[0];
      if (j + 1 < sizes.n) {
        c[sizes.n * i_0 + j_1] = total_0[1];
      }
      if (j + 2 < sizes.n) {
        c[sizes.n * i_0 + j_2] = total_0[2];
      }
      if (j + 3 < sizes.n) {
        c[sizes.n * i_0 + j_3] = total_0[3];
      }
      if (i + 1 < sizes.m) {
        c[sizes.n * i_1 + j_0] = total_1[0];
        if (j + 1 < sizes.n) {
          c[sizes.n * i_1 + j_1] = total_1[1];
        }
        if (j + 2 < sizes.n) {
          c[sizes.n * i_1 + j_2] = total_1[2];
        }
        if (j + 3 < sizes.n) {
          c[sizes.n * i_1 + j_3] = total_1[3];
        }
      }
      if (i + 2 < sizes.m) {
        c[sizes.n * i_2 + j_0] = total_2[0];
        if (j + 1 < sizes.n) {
          c[sizes.n * i_2 + j_1] = total_2[1];
        }
        if (j + 2 < sizes.n) {
          c[sizes.n * i_2 + j_2] = total_2[2];
        }
        if (j + 3 < sizes.n) {
          c[sizes.n * i_2 + j_3] = total_2[3];
        }
      }
      if (i + 3 < sizes.m) {
        c[sizes.n * i_3 + j_0] = total_3[0];
        if (j + 1 < sizes.n) {
          c[sizes.n * i_3 + j_1] = total_3[1];
        }
        if (j + 2 < sizes.n) {
          c[sizes.n * i_3 + j_2] = total_3[2];
        }
        if (j + 3 < sizes.n) {
          c[sizes.n * i_3 + j_3] = total_3[3];
        }
      }"
    `);
  });

  it("a product with panels adds to what is there", () => {
    expect(entryKernel(product({ packed: b.panels }, true))).toMatchInlineSnapshot(`
      "let tile_i = invocation / sizes.ceilDiv_n_4;
      let tile_j = invocation % sizes.ceilDiv_n_4;
      let i = 4 * tile_i;
      let j = 4 * tile_j;
      let i_0 = i;
      let i_1 = min(i + 1, sizes.m - 1);
      let i_2 = min(i + 2, sizes.m - 1);
      let i_3 = min(i + 3, sizes.m - 1);
      let j_0 = j;
      let j_1 = min(j + 1, sizes.n - 1);
      let j_2 = min(j + 2, sizes.n - 1);
      let j_3 = min(j + 3, sizes.n - 1);
      var total_0 = vec4(c[sizes.n * i_0 + j_0], c[sizes.n * i_0 + j_1], c[sizes.n * i_0 + j_2], c[sizes.n * i_0 + j_3]);
      var total_1 = vec4(c[sizes.n * i_1 + j_0], c[sizes.n * i_1 + j_1], c[sizes.n * i_1 + j_2], c[sizes.n * i_1 + j_3]);
      var total_2 = vec4(c[sizes.n * i_2 + j_0], c[sizes.n * i_2 + j_1], c[sizes.n * i_2 + j_2], c[sizes.n * i_2 + j_3]);
      var total_3 = vec4(c[sizes.n * i_3 + j_0], c[sizes.n * i_3 + j_1], c[sizes.n * i_3 + j_2], c[sizes.n * i_3 + j_3]);
      for (var start = 0; start < sizes.k; start += 256) {
        var sum_0 = vec4(0.0f); var sum_1 = vec4(0.0f); var sum_2 = vec4(0.0f); var sum_3 = vec4(0.0f);
        for (var p = start; p < min(start + 256, sizes.k); p++) {
          let right = vec4(panels[(j_0 / 8 * sizes.k + p) * 8 + j_0 % 8], panels[(j_1 / 8 * sizes.k + p) * 8 + j_1 % 8], panels[(j_2 / 8 * sizes.k + p) * 8 + j_2 % 8], panels[(j_3 / 8 * sizes.k + p) * 8 + j_3 % 8]);
          sum_0 = sum_0 + a[sizes.k * i_0 + p] * right;
          sum_1 = sum_1 + a[sizes.k * i_1 + p] * right;
          sum_2 = sum_2 + a[sizes.k * i_2 + p] * right;
          sum_3 = sum_3 + a[sizes.k * i_3 + p] * right;
        }
        total_0 = total_0 + sum_0; total_1 = total_1 + sum_1; total_2 = total_2 + sum_2; total_3 = total_3 + sum_3;
      }
      c[sizes.n * i_0 + j_0] = total_0[0];
      if (j + 1 < sizes.n) {
        c[sizes.n * i_0 + j_1] = total_0[1];
      }
      if (j + 2 < sizes.n) {
        c[sizes.n * i_0 + j_2] = total_0[2];
      }
      if (j + 3 < sizes.n) {
        c[sizes.n * i_0 + j_3] = total_0[3];
      }
      if (i + 1 < sizes.m) {
        c[sizes.n * i_1 + j_0] = total_1[0];
        if (j + 1 < sizes.n) {
          c[sizes.n * i_1 + j_1] = total_1[1];
        }
        if (j + 2 < sizes.n) {
          c[sizes.n * i_1 + j_2] = total_1[2];
        }
        if (j + 3 < sizes.n) {
          c[sizes.n * i_1 + j_3] = total_1[3];
        }
      }
      if (i + 2 < sizes.m) {
        c[sizes.n * i_2 + j_0] = total_2[0];
        if (j + 1 < sizes.n) {
          c[sizes.n * i_2 + j_1] = total_2[1];
        }
        if (j + 2 < sizes.n) {
          c[sizes.n * i_2 + j_2] = total_2[2];
        }
        if (j + 3 < sizes.n) {
          c[sizes.n * i_2 + j_3] = total_2[3];
        }
      }
      if (i + 3 < sizes.m) {
        c[sizes.n * i_3 + j_0] = total_3[0];
        if (j + 1 < sizes.n) {
          c[sizes.n * i_3 + j_1] = total_3[1];
        }
        if (j + 2 < sizes.n) {
          c[sizes.n * i_3 + j_2] = total_3[2];
        }
        if (j + 3 < sizes.n) {
          c[sizes.n * i_3 + j_3] = total_3[3];
        }
      }"
    `);
  });

  it("a packing fills the last panel with zeros", () => {
    const transposed: MatrixView = { ...rowMajor(b.b, n), rowStride: one, colStride: k };
    const pack: Statement = { kind: "pack", b: transposed, into: b.panels, n, k };
    expect(entryKernel(pack)).toMatchInlineSnapshot(`
      "let e = invocation;
      let row = e / 8 % sizes.k;
      let column = e / 8 / sizes.k * 8 + e % 8;
      var value = 0.0f;
      if (column < sizes.n) { value = b[row + sizes.k * column]; }
      panels[e] = value;"
    `);
  });

  it("an empty product divides by no literal zero", () => {
    const none = constantSize(0);
    const empty: Statement = { kind: "pack", b: rowMajor(b.b, n), into: b.panels, n, k: none };
    expect(entryKernel(empty)).not.toMatch(/[/%] 0/);
    const rows = { ...product(rowMajor(b.b, n), false), n: none } as Statement;
    expect(entryKernel(rows)).not.toMatch(/[/%] 0/);
  });

  it("a copy moves elements as they lie", () => {
    const copy: Statement = {
      kind: "copy",
      from: b.flags,
      fromOffset: { terms: [], offset: two },
      to: b.ids,
      toOffset: zeroIndex,
      size: n,
    };
    expect(entryKernel(copy)).toMatchInlineSnapshot(`
      "let e = invocation;
      ids[e] = flags_1[2 + e];"
    `);
  });

  it("inside a parallel loop a product is loops", () => {
    const batch = indexVar("batch");
    const moved = { terms: [{ coef: size("s"), of: batch }], offset: constantSize(0) };
    const inner: Statement = {
      kind: "matmul",
      a: { ...rowMajor(b.a, k), offset: moved },
      b: rowMajor(b.b, n),
      c: { ...rowMajor(b.c, n), offset: moved },
      m,
      n,
      k,
      accumulate: false,
    };
    const loop: Statement = { kind: "for", var: batch, extent: two, parallel: true, body: [inner] };
    expect(mainOf(kernelOf(b, [loop]))).toMatchInlineSnapshot(`
      "let batch = invocation;
      for (var i = 0; i < sizes.m; i++) {
        for (var j = 0; j < sizes.n; j++) {
          let at = sizes.s * batch + sizes.n * i + j;
          var total = 0.0f;
          for (var start = 0; start < sizes.k; start += 256) {
            var sum = 0.0f;
            for (var p = start; p < min(start + 256, sizes.k); p++) {
              sum = sum + a[sizes.s * batch + sizes.k * i + p] * b[sizes.n * p + j];
            }
            total = total + sum;
          }
          c[at] = total;
        }
      }"
    `);
  });
});
