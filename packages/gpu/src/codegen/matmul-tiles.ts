/**
 * A product in tiles that a workgroup computes together: it brings pieces of both operands into memory that its invocations share, each of
 * which computes four rows by four columns. Long products of few elements are cut along k: `parts` of them, added in order by another piece.
 */
import {
  ceilDivSizes,
  constantSize,
  mulSizes,
  type Buffer,
  type MatrixView,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import type { Block } from "./block.ts";
import type { Grid } from "./grid.ts";
import { matrixElement } from "./matrix.ts";

type Matmul = Extract<Statement, { kind: "matmul" }>;

/** Where the parts of a product go: `[parts, m, n]`. */
export interface ProductParts {
  readonly partials: Buffer;
  readonly parts: Size;
}

/** Elements along k that are shared at a time. */
const depth = 16;

/** Rows and columns of a tile: large ones where both are long. */
export function tileOf({ m, n }: Matmul): number {
  const isLong = (size: Size): boolean =>
    size.constant === undefined ? size.terms.some((t) => t.atoms.length > 1) : size.constant >= 512;
  return isLong(m) && isLong(n) ? 64 : 32;
}

/** True for products of more than a few rows and columns. */
export const fitsTiles = ({ m, n, b }: Matmul): boolean =>
  !("packed" in b) && (m.constant ?? 8) >= 8 && (n.constant ?? 8) >= 8;

export function tileGrid(s: Matmul, parts?: ProductParts): Grid {
  const tile = tileOf(s);
  const threads = (tile / 4) * (tile / 4);
  const axes = [
    ...(parts === undefined ? [] : [{ name: "part", extent: parts.parts }]),
    { name: "tile_i", extent: ceilDivSizes(s.m, tile) },
    { name: "tile_j", extent: ceilDivSizes(s.n, tile) },
  ];
  return {
    axes,
    facts: [s],
    workgroup: threads,
    workgroups: mulSizes(...axes.map((axis) => axis.extent)),
    write(block, at, local) {
      const [part, i = "0", j = "0"] = parts === undefined ? [undefined, ...at] : at;
      new TileWriter(s, block, tile, local).write(i, j, part, parts);
    },
  };
}

class TileWriter {
  readonly #s: Matmul;
  readonly #block: Block;
  readonly #tile: number;
  readonly #local: string;

  constructor(s: Matmul, block: Block, tile: number, local: string) {
    this.#s = s;
    this.#block = block;
    this.#tile = tile;
    this.#local = local;
  }

  write(tileI: string, tileJ: string, part: string | undefined, parts?: ProductParts): void {
    const { kernel, lines } = this.#block;
    const s = this.#s;
    const tile = this.#tile;
    const fresh = (wanted: string): string => kernel.names.fresh(wanted);
    const [lane, i, j, begin, end] = [
      fresh("lane"),
      fresh("i"),
      fresh("j"),
      fresh("begin"),
      fresh("end"),
    ];
    const [start, stop, at, q] = [fresh("start"), fresh("stop"), fresh("at"), fresh("q")];
    const [left, right] = [fresh("left"), fresh("right")];
    for (const shared of [left, right])
      kernel.workgroupVars.push(
        `var<workgroup> ${shared}: array<vec4<f32>, ${(depth * tile) / 4}>;`,
      );
    const k = kernel.size(s.k);
    const share = parts === undefined ? "" : kernel.size(ceilDivSizes(s.k, parts.parts));
    lines.add(
      `let ${lane} = i32(${this.#local});`,
      `let ${i} = ${tile} * ${tileI};`,
      `let ${j} = ${tile} * ${tileJ};`,
      `let ${begin} = ${part === undefined ? "0" : `${share} * ${part}`};`,
      `let ${end} = ${part === undefined ? k : `min(${begin} + ${share}, ${k})`};`,
    );
    const mine = `${lane} / ${tile / 4}`;
    const own = `${lane} % ${tile / 4}`;
    const totals = [0, 1, 2, 3].map((r) => kernel.names.fresh(`total_${r}`));
    const sums = totals.map((_, r) => kernel.names.fresh(`sum_${r}`));
    for (const total of totals) lines.add(`var ${total} = vec4(0.0f);`);
    // Blocks of 256 along k, which keep long sums accurate.
    const blocks = `for (var ${start} = ${begin}; ${start} < ${end}; ${start} += 256)`;
    this.#block.nest(blocks, (outer) => {
      outer.lines.add(`let ${stop} = min(${start} + 256, ${end});`);
      for (const sum of sums) outer.lines.add(`var ${sum} = vec4(0.0f);`);
      outer.nest(`for (var ${at} = ${start}; ${at} < ${stop}; ${at} += ${depth})`, (inner) => {
        this.#bring(inner, left, [lane, at, stop], {
          view: s.a,
          first: i,
          extent: s.m,
          across: "row",
        });
        if (!("packed" in s.b))
          this.#bring(inner, right, [lane, at, stop], {
            view: s.b,
            first: j,
            extent: s.n,
            across: "column",
          });
        inner.lines.add("workgroupBarrier();");
        inner.nest(`for (var ${q} = 0; ${q} < ${depth}; ${q}++)`, (body) => {
          const [x, y] = [kernel.names.fresh("x"), kernel.names.fresh("y")];
          body.lines.add(
            `let ${x} = ${left}[${q} * ${tile / 4} + ${mine}];`,
            `let ${y} = ${right}[${q} * ${tile / 4} + ${own}];`,
            ...sums.map((sum, r) => `${sum} = ${sum} + ${x}[${r}] * ${y};`),
          );
        });
        inner.lines.add("workgroupBarrier();");
      });
      outer.lines.add(totals.map((t, r) => `${t} = ${t} + ${sums[r] ?? ""};`).join(" "));
    });
    this.#store(totals, `${i} + 4 * (${mine})`, `${j} + 4 * (${own})`, part, parts);
  }

  /** Brings `depth` by `tile` elements, zeros beyond the ends; neighbours read along the axis on which elements lie together. */
  #bring(
    block: Block,
    into: string,
    [lane, at, stop]: readonly [string, string, string],
    from: {
      readonly view: MatrixView;
      readonly first: string;
      readonly extent: Size;
      readonly across: "row" | "column";
    },
  ): void {
    const { kernel } = block;
    const { view, first, extent, across } = from;
    const vectors = this.#tile / 4;
    const alongK = across === "row" ? view.colStride : view.rowStride;
    const unit = kernel.names.fresh("unit");
    const [p, v] = [kernel.names.fresh("p"), kernel.names.fresh("v")];
    const threads = vectors * vectors;
    const head = `for (var ${unit} = ${lane}; ${unit} < ${depth * vectors}; ${unit} += ${threads})`;
    block.nest(head, (inner) => {
      const kFirst = alongK.constant === 1;
      inner.lines.add(
        `let ${p} = ${kFirst ? `${unit} % ${depth}` : `${unit} / ${vectors}`};`,
        `let ${v} = ${kFirst ? `${unit} / ${depth}` : `${unit} % ${vectors}`};`,
      );
      const inside = `min(${at} + ${p}, ${kernel.size(this.#s.k)} - 1)`;
      const values = [0, 1, 2, 3].map((e) => {
        const other = `min(${first} + 4 * ${v} + ${e}, ${kernel.size(extent)} - 1)`;
        const [row, column] = across === "row" ? [other, inside] : [inside, other];
        return inner.element(view.buffer, matrixElement(inner, view, row, column));
      });
      const vector = `vec4(${values.join(", ")})`;
      const kept = `select(vec4(0.0f), ${vector}, ${at} + ${p} < ${stop})`;
      inner.lines.add(`${into}[${p} * ${vectors} + ${v}] = ${kept};`);
    });
  }

  #store(
    totals: readonly string[],
    firstRow: string,
    firstColumn: string,
    part: string | undefined,
    parts?: ProductParts,
  ): void {
    const { kernel, lines } = this.#block;
    const s = this.#s;
    const [row, column] = [kernel.names.fresh("row"), kernel.names.fresh("column")];
    lines.add(`let ${row} = ${firstRow};`, `let ${column} = ${firstColumn};`);
    totals.forEach((total, r) => {
      this.#block.nest(`if (${row} + ${r} < ${kernel.size(s.m)})`, (inner) => {
        [0, 1, 2, 3].forEach((q) => {
          inner.nest(`if (${column} + ${q} < ${kernel.size(s.n)})`, (body) => {
            const value = `${total}[${q}]`;
            if (parts !== undefined && part !== undefined) {
              const rows = `(${kernel.size(s.m)} * ${part} + ${row} + ${r})`;
              const at = `${rows} * ${kernel.size(s.n)} + ${column} + ${q}`;
              return body.store(parts.partials, at, value);
            }
            const at = matrixElement(body, s.c, `(${row} + ${r})`, `(${column} + ${q})`);
            const old = body.element(s.c.buffer, at);
            return body.store(s.c.buffer, at, s.accumulate ? `${old} + ${value}` : value);
          });
        });
      });
    });
  }
}

/** Products that are cut along k: k is long, and there are few tiles. At most sixteen parts of at least 512 each. */
export function partsOfProduct(
  s: Matmul,
  newBuffer: (name: string, size: Size) => Buffer,
): ProductParts | undefined {
  const elements = mulSizes(s.m, s.n).constant;
  const isLong = s.k.constant === undefined ? true : s.k.constant >= 2048;
  if (!fitsTiles(s) || !isLong || elements === undefined || elements > 1 << 18) return undefined;
  const parts = constantSize(elements > 1 << 16 ? 4 : 16);
  return { partials: newBuffer(`parts_${s.c.buffer.name}`, mulSizes(parts, elements)), parts };
}

/** Adds the parts of a product in order. */
export function sumParts(s: Matmul, { partials, parts }: ProductParts): Grid {
  return {
    axes: [
      { name: "i", extent: s.m },
      { name: "j", extent: s.n },
    ],
    facts: [s],
    workgroup: 64,
    write(block, [i = "0", j = "0"]) {
      const { kernel, lines } = block;
      const [at, total, part] = [
        kernel.names.fresh("at"),
        kernel.names.fresh("total"),
        kernel.names.fresh("part"),
      ];
      lines.add(`let ${at} = ${matrixElement(block, s.c, i, j)};`);
      const first = s.accumulate ? block.element(s.c.buffer, at) : "0.0f";
      lines.add(`var ${total} = ${first};`);
      block.nest(`for (var ${part} = 0; ${part} < ${kernel.size(parts)}; ${part}++)`, (inner) => {
        const from = `(${kernel.size(s.m)} * ${part} + ${i}) * ${kernel.size(s.n)} + ${j}`;
        inner.lines.add(`${total} = ${total} + ${inner.element(partials, from)};`);
      });
      block.store(s.c.buffer, at, total);
    },
  };
}
