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

/**
 * 5 x 8 (f32) and 5 x 4 (f64): ten accumulators, two vectors of b, a broadcast and a temporary fit the 15 SSE registers that engines
 * leave; one register more halves the speed. The measured best without relaxed SIMD in V8 11 and 13; see Goto and van de Geijn,
 * "Anatomy of High-Performance Matrix Multiplication".
 */
export const defaultTiles: Tiles = { f32: { rows: 5, vectors: 2 }, f64: { rows: 5, vectors: 2 } };
