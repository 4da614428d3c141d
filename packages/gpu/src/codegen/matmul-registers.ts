/** A product whose invocations each compute a few rows by four columns in registers, without waiting for each other. */
import { ceilDivSizes, type Size, type Statement } from "@scan-train/core/backend-kit";
import type { Block } from "./block.ts";
import { isMultiple, isMultipleIndex, matrixElement, offsetOf, rightElement } from "./matrix.ts";
import type { Elements } from "./matrix.ts";
import { writeBlockLoops } from "./reduce.ts";

type Matmul = Extract<Statement, { kind: "matmul" }>;

/** Columns of a tile: a vector. */
const width = 4;

const rowsOf = ({ m }: Matmul): number => (m.constant === undefined ? 4 : Math.min(4, m.constant));

/** Products of less than four columns have one element per invocation. */
export const fitsRegisters = ({ n }: Matmul): boolean =>
  n.constant === undefined || n.constant >= width;

/** c[i, j]: the products along k in blocks of 256, each from +0, added in order. */
export function registerTiles(s: Matmul): Elements {
  const axes = [
    { name: "tile_i", extent: ceilDivSizes(s.m, rowsOf(s)) },
    { name: "tile_j", extent: ceilDivSizes(s.n, width) },
  ];
  return { axes, write: (block, [i = "0", j = "0"]) => writeTile(s, block, i, j) };
}

function writeTile(s: Matmul, block: Block, tileI: string, tileJ: string): void {
  const { kernel, lines } = block;
  const rows = rowsOf(s);
  const name = (wanted: string): string => kernel.names.fresh(wanted);
  const [i, j] = [name("i"), name("j")];
  lines.add(`let ${i} = ${rows} * ${tileI};`, `let ${j} = ${width} * ${tileJ};`);
  // Beyond the last row and column the last ones are read again, and nothing is stored.
  const row = Array.from({ length: rows }, (_, r) =>
    named(block, `i_${r}`, clamped(i, r, s.m, rows, block)),
  );
  const vectors = readsVectors(s, block);
  const columns = vectors
    ? []
    : Array.from({ length: width }, (_, q) =>
        named(block, `j_${q}`, clamped(j, q, s.n, width, block)),
      );
  const totals = row.map((_, r) => name(`total_${r}`));
  const sums = row.map((_, r) => name(`sum_${r}`));
  const stored = (r: number, q: number): string =>
    matrixElement(block, s.c, row[r] ?? "0", columns[q] ?? `${j} + ${q}`);
  totals.forEach((total, r) => {
    const parts = [0, 1, 2, 3].map((q) => block.element(s.c.buffer, stored(r, q)));
    lines.add(`var ${total} = ${s.accumulate ? `vec4(${parts.join(", ")})` : "vec4(0.0f)"};`);
  });
  writeBlockLoops(block, {
    counter: name("p"),
    extent: kernel.size(s.k),
    begin: sums.map((sum) => `var ${sum} = vec4(0.0f);`).join(" "),
    element(inner, p) {
      const right = name("right");
      const vector = vectors ? rightVector(s, inner, p, j) : undefined;
      const parts = columns.map((column) => rightElement(s, inner, p, column));
      inner.lines.add(`let ${right} = ${vector ?? `vec4(${parts.join(", ")})`};`);
      sums.forEach((sum, r) => {
        const left = inner.element(s.a.buffer, matrixElement(inner, s.a, row[r] ?? "0", p));
        inner.lines.add(`${sum} = ${sum} + ${left} * ${right};`);
      });
    },
    end: totals.map((total, r) => `${total} = ${total} + ${sums[r] ?? ""};`).join(" "),
  });
  totals.forEach((total, r) => {
    const store = (inner: Block): void =>
      [0, 1, 2, 3].forEach((q) => {
        const set = (innermost: Block): void =>
          innermost.store(s.c.buffer, stored(r, q), `${total}[${q}]`);
        if (q === 0 || isMultiple(s.n, width)) set(inner);
        else inner.nest(`if (${j} + ${q} < ${kernel.size(s.n)})`, set);
      });
    if (r === 0 || isMultiple(s.m, rows)) store(block);
    else block.nest(`if (${i} + ${r} < ${kernel.size(s.m)})`, store);
  });
}

function named(block: Block, wanted: string, text: string): string {
  const name = block.kernel.names.fresh(wanted);
  block.lines.add(`let ${name} = ${text};`);
  return name;
}

function clamped(first: string, more: number, extent: Size, tile: number, block: Block): string {
  const at = more === 0 ? first : `${first} + ${more}`;
  return more === 0 || isMultiple(extent, tile)
    ? at
    : `min(${at}, ${block.kernel.size(extent)} - 1)`;
}

/** True where four columns of a row of b lie together, at a multiple of four. */
function readsVectors({ a, b, c, n }: Matmul, block: Block): boolean {
  if ("packed" in b || b.colStride.constant !== 1) return false;
  if (b.buffer === a.buffer || b.buffer === c.buffer || block.kernel.style.inMemory) return false;
  return isMultiple(n, width) && isMultiple(b.rowStride, width) && isMultipleIndex(b.offset, width);
}

function rightVector({ b }: Matmul, block: Block, p: string, j: string): string | undefined {
  if ("packed" in b) return undefined;
  const offset = offsetOf(block, b);
  const at = [...(offset === "0" ? [] : [offset]), `${block.kernel.size(b.rowStride)} * ${p}`, j];
  return block.kernel.vector(b.buffer, `(${at.join(" + ")}) / 4`);
}
