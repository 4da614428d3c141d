/** Shapes of the block of c that the innermost loop of a matrix product keeps in registers. No shape changes a bit of a result. */

/** `rows` of a times `vectors` vectors of 16 bytes of b. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}
export interface Tiles {
  readonly f32: Tile;
  readonly f64: Tile;
}

/** What decides which tiles are fast. */
export interface TileEngine {
  /** The major version of V8; undefined where the engine is another or unknown. */
  readonly v8: number | undefined;
  /** Whether neighbouring vectors are joined to one of 32 bytes. */
  readonly isWide: boolean;
  /** Whether products are added by relaxed instructions, which need no register for the product. */
  readonly isRelaxed: boolean;
}

const tiles = (rows: number, vectors: number): Tiles => ({
  f32: { rows, vectors },
  f64: { rows, vectors },
});

/**
 * Eight accumulators, two vectors of b, four broadcasts and a product fit the 15 SSE registers that engines leave, also where all loads
 * of a step come first. See Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication".
 */
export const defaultTiles: Tiles = tiles(4, 2);

/** From this version on, V8 keeps the order of a step: a broadcast gives its register back to the next one. */
const v8KeepsOrder = 13;

/** The fastest tiles measured: one vector more than there are registers, and they take twice as long. */
export function tilesFor({ v8, isWide, isRelaxed }: TileEngine): Tiles {
  if (isWide) return isRelaxed ? tiles(6, 4) : tiles(5, 4);
  if (v8 === undefined || v8 < v8KeepsOrder) return defaultTiles;
  return isRelaxed ? tiles(6, 2) : tiles(5, 2);
}

/** Columns of packed panels that hold whole tiles. */
export function panelWidthFor({ f32, f64 }: Tiles): { readonly f32: number; readonly f64: number } {
  return { f32: 4 * f32.vectors, f64: 2 * f64.vectors };
}
