/** Matrix products, panels and copies: what one invocation does for one element, and loops over all elements. */
import {
  ceilDivSizes,
  mulSizes,
  type Index,
  type MatrixView,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import type { Block } from "./block.ts";
import { writeBlockLoops } from "./reduce.ts";

type Matmul = Extract<Statement, { kind: "matmul" }>;
type Pack = Extract<Statement, { kind: "pack" }>;
type Copy = Extract<Statement, { kind: "copy" }>;

/** A statement that sets elements independently of each other: how many, and how one is set. */
export interface Elements {
  /** Outermost first. */
  readonly axes: readonly { readonly name: string; readonly extent: Size }[];
  /** `at` are the texts of the element's place along the axes. */
  readonly write: (block: Block, at: readonly string[]) => void;
}

/** c[i, j]: the products along k in blocks of 256, each from +0, added in order. */
export function matmulElements(s: Matmul): Elements {
  const axes = [
    { name: "i", extent: s.m },
    { name: "j", extent: s.n },
  ];
  return { axes, write: (block, [i = "0", j = "0"]) => writeProduct(s, block, i, j) };
}

function writeProduct(s: Matmul, block: Block, i: string, j: string): void {
  const { kernel, lines } = block;
  const [at, total, sum] = [
    kernel.names.fresh("at"),
    kernel.names.fresh("total"),
    kernel.names.fresh("sum"),
  ];
  lines.add(`let ${at} = ${matrixElement(block, s.c, i, j)};`);
  lines.add(`var ${total} = ${s.accumulate ? block.element(s.c.buffer, at) : "0.0f"};`);
  writeBlockLoops(block, {
    counter: kernel.names.fresh("p"),
    extent: kernel.size(s.k),
    begin: `var ${sum} = 0.0f;`,
    element(inner, p) {
      const left = inner.element(s.a.buffer, matrixElement(inner, s.a, i, p));
      inner.lines.add(`${sum} = ${sum} + ${left} * ${rightElement(s, inner, p, j)};`);
    },
    end: `${total} = ${total} + ${sum};`,
  });
  block.store(s.c.buffer, at, total);
}

/** Element (p, j) of a packed matrix with k rows lies at (floor(j / width) k + p) width + j mod width. */
export function rightElement({ b, k }: Matmul, block: Block, p: string, j: string): string {
  if (!("packed" in b)) return block.element(b.buffer, matrixElement(block, b, p, j));
  const width = block.kernel.panelWidth;
  const row = `(${j} / ${width} * ${block.kernel.size(k)} + ${p})`;
  return block.element(b.packed, `${row} * ${width} + ${j} % ${width}`);
}

export const offsetOf = (block: Block, { offset }: MatrixView): string => block.index(offset);

/** True when the size is known to be a multiple of `n`. */
export function isMultiple(size: Size, n: number): boolean {
  return size.terms.every(({ coef }) => coef % n === 0);
}

/** True when the index is known to be a multiple of `n`. */
export function isMultipleIndex({ terms, offset }: Index, n: number): boolean {
  return isMultiple(offset, n) && terms.every(({ coef }) => isMultiple(coef, n));
}

/** The place of element (row, col) of a matrix. */
export function matrixElement(block: Block, view: MatrixView, row: string, col: string): string {
  const term = (stride: Size, at: string): readonly string[] =>
    stride.constant === 0
      ? []
      : [stride.constant === 1 ? at : `${block.kernel.size(stride)} * ${at}`];
  const offset = offsetOf(block, view);
  const terms = [...(offset === "0" ? [] : [offset]), ...term(view.rowStride, row)];
  const all = [...terms, ...term(view.colStride, col)];
  return all.length === 0 ? "0" : all.join(" + ").replaceAll("+ -", "- ");
}

/** Every element of the panels in the order in which it lies; the last panel is filled up with zeros. */
export function packElements(s: Pack, panelWidth: number): Elements {
  const extent = mulSizes(ceilDivSizes(s.n, panelWidth), panelWidth, s.k);
  return { axes: [{ name: "e", extent }], write: (block, [e = "0"]) => writePacked(s, block, e) };
}

function writePacked(s: Pack, block: Block, e: string): void {
  const { kernel, lines } = block;
  const [row, column, value] = [
    kernel.names.fresh("row"),
    kernel.names.fresh("column"),
    kernel.names.fresh("value"),
  ];
  const width = kernel.panelWidth;
  const k = kernel.divisor(s.k);
  lines.add(
    `let ${row} = ${e} / ${width} % ${k};`,
    `let ${column} = ${e} / ${width} / ${k} * ${width} + ${e} % ${width};`,
    `var ${value} = 0.0f;`,
  );
  const inside = block.element(s.b.buffer, matrixElement(block, s.b, row, column));
  lines.add(`if (${column} < ${kernel.size(s.n)}) { ${value} = ${inside}; }`);
  block.store(s.into, e, value);
}

/** Elements as they lie: a bool stays a word. */
export function copyElements(s: Copy): Elements {
  const shifted = (offset: string, at: string): string =>
    offset === "0" ? at : `${offset} + ${at}`;
  return {
    axes: [{ name: "e", extent: s.size }],
    write(block, [e = "0"]) {
      const [from, to] = [block.index(s.fromOffset), block.index(s.toOffset)];
      const { kernel } = block;
      block.lines.add(kernel.store(s.to, shifted(to, e), kernel.load(s.from, shifted(from, e))));
    },
  };
}

/** All elements, one after the other. */
function writeLoops(elements: Elements, block: Block, at: readonly string[] = []): void {
  const axis = elements.axes[at.length];
  if (axis === undefined) return elements.write(block, at);
  const name = block.kernel.names.fresh(axis.name);
  const head = `for (var ${name} = 0; ${name} < ${block.kernel.size(axis.extent)}; ${name}++)`;
  block.nest(head, (inner) => writeLoops(elements, inner, [...at, name]));
}

export const writeMatmulLoops = (s: Matmul, block: Block): void =>
  writeLoops(matmulElements(s), block);
export const writePackLoop = (s: Pack, block: Block): void =>
  writeLoops(packElements(s, block.kernel.panelWidth), block);
export const writeCopyLoop = (s: Copy, block: Block): void => writeLoops(copyElements(s), block);
