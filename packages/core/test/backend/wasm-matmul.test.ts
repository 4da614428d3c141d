import { describe, expect, it } from "vitest";
import {
  defaultTiles,
  panelWidthFor,
  type Tiles,
  tilesFor,
} from "../../src/backend/wasm/kernels/tile.ts";
import { indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import { scratchSize } from "../../src/loop-ir/product-block.ts";
import type { Buffer, MatrixView, Statement } from "../../src/loop-ir/types.ts";
import { constantSize, type Size } from "../../src/size/size.ts";
import { contentsOf, expectSame, numbers, ProgramBuilder, symbol } from "./wasm-harness.ts";

type Layout = "rows" | "columns" | "any" | "repeated";
interface Case {
  readonly type: "f32" | "f64";
  readonly a: Layout;
  readonly b: Layout;
  readonly c: Layout;
  readonly packed: boolean;
  readonly accumulate: boolean;
  /** Whether the kernel has room for a copy of a block of a. */
  readonly copies: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether the sizes are known when the module is made. */
  readonly known: boolean;
}
const usual: Case = {
  type: "f32",
  a: "rows",
  b: "rows",
  c: "rows",
  packed: false,
  accumulate: false,
  copies: false,
  m: 4,
  n: 9,
  k: 5,
  known: false,
};

function view(buffer: Buffer, layout: Layout, rows: Size, cols: Size): MatrixView {
  const offset = { terms: [], offset: constantSize(2) };
  const one = constantSize(1);
  if (layout === "any")
    return {
      buffer,
      offset,
      rowStride: constantSize(2 * (cols.constant ?? 0) + 1),
      colStride: constantSize(2),
    };
  if (layout === "repeated") return { buffer, offset, rowStride: constantSize(0), colStride: one };
  return layout === "rows"
    ? { buffer, offset, rowStride: cols, colStride: one }
    : { buffer, offset, rowStride: one, colStride: rows };
}

const elements = (layout: Layout, rows: number, cols: number): number =>
  layout === "any" ? rows * (2 * cols + 1) + 2 : rows * cols + 2;

function check(
  given: Partial<Case>,
  options: { tiles?: Tiles; panelWidth?: { f32: number; f64: number } } = {},
) {
  const c: Case = { ...usual, ...given };
  const size = (name: "m" | "n" | "k"): Size =>
    c.known || [c.a, c.b, c.c].includes("any") ? constantSize(c[name]) : symbol(name);
  const [m, n, k] = [size("m"), size("n"), size("k")];
  const p = new ProgramBuilder();
  p.panelWidth = options.panelWidth ?? { f32: 8, f64: 4 };
  const a = p.buffer(c.type, elements(c.a, c.m, c.k), "a");
  const b = p.buffer(c.type, elements(c.b, c.k, c.n), "b");
  const out = p.buffer(c.type, elements(c.c, c.m, c.n), "c");
  const width = p.panelWidth[c.type];
  const panels = p.buffer(c.type, Math.ceil(c.n / width) * width * c.k, "panels");
  const right = view(b, c.b, k, n);
  const scratch = c.copies
    ? p.buffer(c.type, scratchSize(m.constant, k.constant), "scratch")
    : undefined;
  const body: Statement[] = [];
  if (c.packed) body.push({ kind: "pack", b: right, into: panels, n, k });
  body.push({
    kind: "matmul",
    a: view(a, c.a, m, k),
    b: c.packed ? { packed: panels } : right,
    c: view(out, c.c, m, n),
    m,
    n,
    k,
    accumulate: c.accumulate,
    ...(scratch === undefined ? {} : { scratch }),
  });
  const next = numbers(c.m + 10 * c.n + 100 * c.k);
  const contents = p.buffers.map((buffer) =>
    contentsOf(buffer, buffer.size.constant ?? 0, () => next() - 0.5),
  );
  return expectSame(
    p.build(body),
    { m: c.m, n: c.n, k: c.k },
    contents,
    options.tiles === undefined ? {} : { tiles: options.tiles },
    scratch === undefined ? [] : [scratch],
  );
}

const flags = [false, true];
const types = ["f32", "f64"] as const;

describe("products", () => {
  for (const type of types) {
    for (const packed of flags) {
      it(`${type}${packed ? " packed" : ""}: every layout, with and without accumulation`, () => {
        for (const a of ["rows", "columns", "any", "repeated"] as const)
          for (const b of ["rows", "columns", "any", "repeated"] as const)
            for (const c of ["rows", "columns", "any"] as const)
              for (const accumulate of flags)
                for (const m of [1, 3])
                  for (const known of flags)
                    check({ type, packed, a, b, c, accumulate, m, n: 11, k: 6, known });
      });

      it(`${type}${packed ? " packed" : ""}: every tail of rows and columns`, () => {
        for (const b of ["rows", "columns"] as const) {
          for (let m = 0; m <= 21; m++) check({ type, packed, b, m, n: 13 });
          for (let n = 0; n <= 33; n++)
            for (const m of [1, 2, 7]) check({ type, packed, b, m, n, k: 7 });
          for (const m of [119, 120, 121, 241]) check({ type, packed, b, m, n: 9, k: 3 });
        }
      });

      it(`${type}${packed ? " packed" : ""}: every depth around blocks`, () => {
        for (const b of ["rows", "columns"] as const)
          for (const k of [0, 1, 2, 3, 4, 5, 255, 256, 257, 511, 512, 513])
            for (const m of [1, 2, 6])
              for (const accumulate of flags) check({ type, packed, b, k, m, n: 21, accumulate });
      });

      it(`${type}${packed ? " packed" : ""}: every end of a turn of several steps, for every layout of a`, () => {
        for (const a of ["rows", "columns", "any"] as const)
          for (let k = 1; k <= 14; k++)
            for (const m of [3, 6]) check({ type, packed, a, k, m, n: 21 });
      });

      it(`${type}${packed ? " packed" : ""}: blocks of a transposed a are copied`, () => {
        const copied = { type, packed, a: "columns", copies: true } as const;
        for (const known of flags)
          for (let m = 1; m <= 13; m++)
            for (const k of [0, 1, 5, 6, 7]) check({ ...copied, m, k, n: 21, known });
        for (const m of [119, 120, 121, 241])
          for (const k of [3, 256, 259]) check({ ...copied, m, n: 9, k, accumulate: m === 121 });
        for (const a of ["rows", "any"] as const) check({ ...copied, a, m: 6, n: 21 });
        const [a, , , , scratch] = check({ ...copied, m: 3, k: 2, n: 21, known: true });
        // Offset 2; three rows are one tile, of which each column lies as it lay.
        expect([...(scratch ?? [])]).toEqual([...(a ?? [])].slice(2, 8));
      });
    }

    it(`${type}: wide rows in groups of vectors`, () => {
      for (const b of ["rows", "columns"] as const)
        for (const packed of flags)
          for (let n = 26; n <= 70; n++)
            check({ type, b, packed, m: 1, n, k: 9, known: n % 2 === 0 });
    });

    it(`${type}: every tile and panel gives the same bits`, () => {
      for (const vectors of [1, 2, 3, 4]) {
        for (const rows of [1, 2, 3, 5, 6]) {
          for (const panels of [1, 2, 4]) {
            const panelWidth = { f32: 4 * panels, f64: 2 * panels };
            const tiles: Tiles = { ...defaultTiles, [type]: { rows, vectors } };
            for (const packed of flags)
              for (const m of [1, 13])
                check({ type, packed, m, n: 19, k: 259 }, { tiles, panelWidth });
          }
        }
      }
    });
  }

  const engines = {
    default: { v8: undefined, isWide: false, isRelaxed: false },
    "V8 13": { v8: 13, isWide: false, isRelaxed: false },
    "V8 13 relaxed": { v8: 13, isWide: false, isRelaxed: true },
    wide: { v8: 13, isWide: true, isRelaxed: false },
    "wide relaxed": { v8: 13, isWide: true, isRelaxed: true },
  };
  for (const [name, engine] of Object.entries(engines))
    it(`the tiles of one engine give the bits of all: ${name}`, () => {
      const tiles = tilesFor(engine);
      const panelWidth = panelWidthFor(tiles);
      for (const type of types)
        for (const packed of flags)
          for (const m of [2, 5, 7, 11])
            for (const n of [1, 7, 8, 9, 16, 23, 25, 31])
              check({ type, packed, m, n, k: 3, accumulate: m === 7 }, { tiles, panelWidth });
      for (const type of types)
        for (const packed of flags)
          for (const a of ["rows", "columns", "any"] as const)
            for (let k = 1; k <= 13; k++)
              for (const copies of flags)
                check({ type, packed, a, copies, m: 11, n: 37, k }, { tiles, panelWidth });
    });

  it("a block begins at +0: no product of zeros leaves -0", () => {
    const p = new ProgramBuilder();
    const [a, b, c] = [p.buffer("f32", 2), p.buffer("f32", 10), p.buffer("f32", 5)];
    const one = constantSize(1);
    const at = { terms: [], offset: constantSize(0) };
    const five = constantSize(5);
    for (const m of [one, symbol("m")]) {
      const program = p.build([
        {
          kind: "matmul",
          a: { buffer: a, offset: at, rowStride: constantSize(2), colStride: one },
          b: { buffer: b, offset: at, rowStride: five, colStride: one },
          c: { buffer: c, offset: at, rowStride: five, colStride: one },
          m,
          n: five,
          k: constantSize(2),
          accumulate: false,
        },
      ]);
      const [, , result] = expectSame(program, { m: 1 }, [
        contentsOf(a, 2, () => -0),
        contentsOf(b, 10, () => 1),
        contentsOf(c, 5, () => 7),
      ]);
      expect([...(result ?? [])].every((x) => Object.is(x, 0))).toBe(true);
    }
  });

  it("in a loop, at addresses that move with it", () => {
    const p = new ProgramBuilder();
    const [n, steps] = [symbol("n"), 4];
    const [x, w, h] = [
      p.buffer("f32", 3 * 6 * steps),
      p.buffer("f32", 6 * 10),
      p.buffer("f32", 3 * 10 * steps),
    ];
    const t = indexVar("t");
    const one = constantSize(1);
    const program = p.build([
      {
        kind: "for",
        var: t,
        extent: constantSize(steps),
        parallel: false,
        body: [
          {
            kind: "matmul",
            m: constantSize(3),
            n,
            k: constantSize(6),
            accumulate: true,
            a: { buffer: x, offset: indexOf(t, 18), rowStride: constantSize(6), colStride: one },
            b: {
              buffer: w,
              offset: { terms: [], offset: constantSize(0) },
              rowStride: n,
              colStride: one,
            },
            c: { buffer: h, offset: indexOf(t, 30), rowStride: n, colStride: one },
          },
        ],
      },
    ]);
    const next = numbers(1);
    expectSame(
      program,
      { n: 10 },
      p.buffers.map((b) => contentsOf(b, b.size.constant ?? 0, next)),
    );
  });
});
