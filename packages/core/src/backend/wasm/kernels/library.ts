/** What kernels ask of the module that they are written into: the indices of other kernels, made when first asked for. */
import type { Element } from "./element.ts";
import type { Tile } from "./tile.ts";

/** The layout of b: consecutive along its rows, consecutive along its columns (the rows of its transpose), or packed in panels. */
export type GemvKind = "rows" | "columns" | "packed";

/** Which elements of a matrix are known to be consecutive: those of a row, those of a column, or none. */
export type Layout = "rows" | "columns" | "any";

/** The same, or the rows of each tile together as `writeCopyTiles` lays them out. */
export type LayoutOfA = Layout | "tiles";

/** What a microkernel is made for. */
export interface Microkernel {
  readonly element: Element;
  readonly tile: Tile;
  readonly a: LayoutOfA;
  /** Bytes from a row of b to the next; undefined where a parameter tells. */
  readonly bStep: number | undefined;
}

export interface KernelLibrary {
  micro(micro: Microkernel): number;
  microEdge(micro: Microkernel): number;
  copyTiles(element: Element, rows: number): number;
  gemmAny(type: Element["type"]): number;
  gemvTile(element: Element, kind: GemvKind, vectors: number): number;
  panelWidth(type: Element["type"]): number;
}
