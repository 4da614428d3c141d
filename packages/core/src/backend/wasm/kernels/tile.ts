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
 * 4 x 8 (f32) and 4 x 4 (f64): eight accumulators, two vectors of b and four broadcasts fit the 15 SSE registers that engines leave,
 * also in V8 11, which moves all loads of a step to its start. Within 5 % of the peak of a core in V8 11 to 14; 5 x 8 loses 15 % in
 * V8 11 and gains nothing later. See Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication".
 */
export const defaultTiles: Tiles = { f32: { rows: 4, vectors: 2 }, f64: { rows: 4, vectors: 2 } };
