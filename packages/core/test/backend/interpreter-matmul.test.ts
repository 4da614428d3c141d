import { describe, expect, test } from "vitest";
import { interpret } from "../../src/backend/interpreter/interpret.ts";
import { constantIndex } from "../../src/loop-ir/index-expr.ts";
import type { Buffer, MatrixView, Program, Statement } from "../../src/loop-ir/types.ts";
import { constantSize } from "../../src/size/size.ts";
import { bufferMaker, programOf } from "../loop-ir/programs.ts";

type Memory = Float32Array | Float64Array | Int32Array;
const none = new Map<string, number>();

describe("matrix products", () => {
  const round = Math.fround;
  const [m, n, k] = [3, 11, 600];
  const fill = (length: number, seed: number): Float32Array =>
    Float32Array.from({ length }, (_, i) => Math.sin(i * 12.9898 + seed));
  const view = (buffer: Buffer, rowStride: number, colStride: number, offset = 0): MatrixView => ({
    buffer,
    offset: constantIndex(offset),
    rowStride: constantSize(rowStride),
    colStride: constantSize(colStride),
  });
  const wanted = (
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    accumulate: boolean,
  ): Float32Array => {
    const out = Float32Array.from(c);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++) {
        let sum = accumulate ? (c[i * n + j] ?? 0) : 0;
        for (let from = 0; from < k; from += 256) {
          let part = 0;
          for (let p = from; p < Math.min(k, from + 256); p++)
            part = round(part + round((a[i * k + p] ?? 0) * (b[p * n + j] ?? 0)));
          sum = round(sum + part);
        }
        out[i * n + j] = sum;
      }
    return out;
  };

  test.each([
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ])("sum in blocks of 256 (accumulate %s, packed %s)", (accumulate, packed) => {
    const { all, make } = bufferMaker();
    const [a, b, c, panels] = [
      make("a", "f32", m * k),
      make("b", "f32", k * n),
      make("c", "f32", m * n, "output"),
      make("panels", "f32", 16 * k, "temporary"),
    ];
    const shape = { m: constantSize(m), n: constantSize(n), k: constantSize(k) };
    const body: Statement[] = [
      { kind: "pack", b: view(b, n, 1), into: panels, n: shape.n, k: shape.k },
      {
        kind: "matmul",
        a: view(a, k, 1),
        b: packed ? { packed: panels } : view(b, n, 1),
        c: view(c, n, 1),
        ...shape,
        accumulate,
      },
    ];
    const [av, bv, cv] = [fill(m * k, 1), fill(k * n, 2), fill(m * n, 3)];
    const out = Float32Array.from(cv);
    const memory = new Float32Array(16 * k).fill(7);
    interpret(
      programOf(all, body),
      {
        sizes: none,
        buffers: new Map<Buffer, Memory>([
          [a, av],
          [b, bv],
          [c, out],
          [panels, memory],
        ]),
      },
      "main",
    );
    expect(out).toEqual(wanted(av, bv, cv, accumulate));
    // Row 5 of the second panel: three columns, then zeros.
    expect(memory.slice(8 * k + 5 * 8, 8 * k + 6 * 8)).toEqual(
      Float32Array.from([8, 9, 10, 0, 0, 0, 0, 0].map((j) => (j === 0 ? 0 : (bv[5 * n + j] ?? 0)))),
    );
  });

  test("strides transpose, and an empty sum is zero", () => {
    const { all, make } = bufferMaker();
    const [a, c] = [make("a", "f64", 6), make("c", "f64", 9, "output")];
    const by = (kSize: number): Program =>
      programOf(all, [
        {
          kind: "matmul",
          a: view(a, 1, 3),
          b: view(a, 3, 1),
          c: view(c, 3, 1),
          m: constantSize(3),
          n: constantSize(3),
          k: constantSize(kSize),
          accumulate: false,
        },
      ]);
    const out = new Float64Array(9).fill(5);
    const buffers = new Map([
      [a, Float64Array.from([1, 2, 3, 4, 5, 6])],
      [c, out],
    ]);
    interpret(by(2), { sizes: none, buffers }, "main");
    expect([...out]).toEqual([17, 22, 27, 22, 29, 36, 27, 36, 45]);
    interpret(by(0), { sizes: none, buffers }, "main");
    expect([...out]).toEqual(Array.from({ length: 9 }, () => 0));
  });

  test("a matrix that leaves its buffer is refused", () => {
    const { all, make } = bufferMaker();
    const [a, c] = [make("a", "f32", 4), make("c", "f32", 4, "output")];
    const program = programOf(all, [
      {
        kind: "matmul",
        a: view(a, 2, 1, 1),
        b: view(a, 2, 1),
        c: view(c, 2, 1),
        m: constantSize(2),
        n: constantSize(2),
        k: constantSize(2),
        accumulate: false,
      },
    ]);
    expect(() =>
      interpret(
        program,
        {
          sizes: none,
          buffers: new Map([
            [a, new Float32Array(4)],
            [c, new Float32Array(4)],
          ]),
        },
        "main",
      ),
    ).toThrow("matrix element a[4] is outside its 4 elements");
  });
});
