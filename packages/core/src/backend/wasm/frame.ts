/**
 * The frame: a table of 32-bit words in memory through which a host tells a module where the buffers lie and what the sizes are.
 * Word b < buffers is the byte address of buffer b; then the value of each of `Program.sizes` in order; then the status word.
 */
import { InternalError } from "../../errors/errors.ts";
import type { Buffer, Program } from "../../loop-ir/types.ts";
import type { Size } from "../../size/size.ts";

/** Places in the frame, counted in words of 4 bytes. */
export interface FrameLayout {
  /** The word of buffer 0; buffer b has the b-th after it. */
  readonly buffers: number;
  /** The word of `Program.sizes[0]`; the others follow. */
  readonly sizes: number;
  /** 0 when a call begins; afterwards 0 or the code of the first failure. */
  readonly status: number;
  /** Words in all. */
  readonly words: number;
}

export function layoutFrame(program: Program): FrameLayout {
  const sizes = program.buffers.length;
  const status = sizes + program.sizes.length;
  return { buffers: 0, sizes, status, words: status + 1 };
}

/** Memory must go on for so many bytes after the end of every buffer: the last, incomplete vector of a row is read whole. */
export const readAheadBytes = 12;

/** Byte offsets of a program's frame words. */
export class FrameWords {
  readonly layout: FrameLayout;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #buffers: readonly Buffer[];

  constructor(program: Program) {
    this.layout = layoutFrame(program);
    this.#sizes = new Map(program.sizes.map((size, place) => [size.key, place]));
    this.#buffers = program.buffers;
  }

  hasSize(size: Size): boolean {
    return this.#sizes.has(size.key);
  }

  /** @throws INTERNAL for a size that is not in `Program.sizes` */
  size(size: Size): number {
    const place = this.#sizes.get(size.key);
    if (place === undefined)
      throw new InternalError(`size ${size.toString()} is not among the sizes of the program`);
    return 4 * (this.layout.sizes + place);
  }

  /** @throws INTERNAL for a buffer of another program */
  buffer(buffer: Buffer): number {
    if (this.#buffers[buffer.id] !== buffer)
      throw new InternalError(`buffer ${buffer.name} is not number ${buffer.id} of the program`);
    return 4 * (this.layout.buffers + buffer.id);
  }

  get status(): number {
    return 4 * this.layout.status;
  }
}
