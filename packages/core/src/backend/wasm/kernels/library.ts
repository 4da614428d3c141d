/** What kernels ask of the module that they are written into: the indices of other kernels, made when first asked for. */
import type { Element } from "./element.ts";
import type { Tile } from "./tile.ts";

/** The layout of b: consecutive along its rows, consecutive along its columns (the rows of its transpose), or packed in panels. */
export type GemvKind = "rows" | "columns" | "packed";

export interface KernelLibrary {
  micro(element: Element, tile: Tile): number;
  microEdge(element: Element, tile: Tile): number;
  gemmAny(type: Element["type"]): number;
  gemvTile(element: Element, kind: GemvKind, vectors: number): number;
  panelWidth(type: Element["type"]): number;
}
