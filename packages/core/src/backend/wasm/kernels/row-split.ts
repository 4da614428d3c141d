/** Which tiles cover the rows of a block. */
import type { Code, Local, Locals } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";
import type { Tile } from "./tile.ts";

/** Rows as tiles of R, then tiles of R - 1 that leave no rest where the number of rows allows it, else one smaller tile. */
export class RowSplit {
  readonly #code: Code;
  readonly #tile: Tile;
  readonly #large: Local;
  readonly #small: Local;
  readonly #rest: Local;
  readonly #one: Local;
  readonly #before: Local;

  constructor(code: Code, locals: Locals, tile: Tile) {
    this.#code = code;
    this.#tile = tile;
    [this.#large, this.#small, this.#rest, this.#one, this.#before] = locals.many(5, "i32") as [
      Local,
      Local,
      Local,
      Local,
      Local,
    ];
  }

  write(rows: Local): void {
    const code = this.#code;
    const size = this.#tile.rows;
    code.i32(1).set(this.#one);
    code
      .i32(size)
      .get(rows)
      .i32(size)
      .op(op.i32RemS, op.i32Sub)
      .i32(size)
      .op(op.i32RemS)
      .set(this.#small);
    code.i32(0).set(this.#rest);
    code
      .get(this.#small)
      .i32(size - 1)
      .op(op.i32Mul)
      .get(rows)
      .op(op.i32GtS)
      .if(() => {
        code.i32(0).set(this.#small);
        code.get(rows).i32(size).op(op.i32RemS).set(this.#rest);
      });
    code
      .get(rows, this.#small)
      .i32(size - 1)
      .op(op.i32Mul, op.i32Sub)
      .i32(size)
      .op(op.i32DivS)
      .set(this.#large);
  }

  /** Gives `body` the number of tiles, their rows, and the rows before them. */
  each(body: (tiles: Local, tileRows: number, rowsBefore: Local) => void): void {
    const code = this.#code;
    const size = this.#tile.rows;
    code.i32(0).set(this.#before);
    code.get(this.#large).if(() => body(this.#large, size, this.#before));
    code.get(this.#large).i32(size).op(op.i32Mul).set(this.#before);
    if (size > 1) code.get(this.#small).if(() => body(this.#small, size - 1, this.#before));
    for (let rest = 1; rest < size; rest++)
      code
        .get(this.#rest)
        .i32(rest)
        .op(op.i32Eq)
        .if(() => body(this.#one, rest, this.#before));
  }
}
