import type { Encoding } from "../data/encoding.ts";
import { vocabularySize } from "../data/vocabulary.ts";
import { UsageError } from "../errors.ts";
import { formatCount } from "../render/format.ts";
import type { ModelOptions } from "../run-folder/config.ts";
import { outputSizeOf } from "./heads.ts";

/**
 * More numbers than this never fit into the 4 GiB that WebAssembly can address: each takes four bytes, as does its
 * gradient, and the usual update rule keeps two more for it.
 */
const mostNumbers = 268_435_456;

/** Blocks of a cell's matrices, each as wide as the state. */
const blocks = { rnn: 1, gru: 3, lstm: 4 } as const;

/**
 * A model that no memory can hold is refused before hours are spent on making it.
 *
 * @throws {@link UsageError} naming the options that make it so large
 */
export function checkModelSize(encoding: Encoding, options: ModelOptions): void {
  const numbers = numbersOf(encoding, options);
  if (numbers <= mostNumbers) return;
  const { hidden, layers } = options;
  throw new UsageError(
    `--hidden ${hidden} --layers ${layers}: the model would have ${formatCount(numbers)} numbers, and at most ${formatCount(mostNumbers)} fit into memory`,
    { hint: "take a smaller --hidden or fewer --layers" },
  );
}

/** The numbers that are learnt, but for biases: the table of characters, the cells, the last layer. */
export function numbersOf(encoding: Encoding, options: ModelOptions): number {
  const { input } = encoding;
  const { cell, hidden, layers, bidirectional } = options;
  const ways = bidirectional ? 2 : 1;
  const isText = input.kind === "text";
  const first = isText ? options.embedding : input.scale.mean.length;
  const widths = Array.from({ length: layers }, (_, i) => (i === 0 ? first : ways * hidden));
  const cells = widths.map((width) => ways * blocks[cell] * hidden * (width + hidden));
  const table = isText ? vocabularySize(input.vocabulary) * options.embedding : 0;
  return cells.reduce((sum, size) => sum + size, table + ways * hidden * outputSizeOf(encoding));
}
