/** Parameters: shared variables that begin as an initialiser says. */
import { Shared } from "../api/shared.ts";
import { generate } from "../graph/ndarray.ts";
import { foldIn, requireKey } from "../ops/random-key.ts";
import type { Initializer, Key } from "./initializers.ts";

/** The dtypes of parameters. */
export type FloatDType = "float32" | "float64";

/**
 * A shared variable of this shape that begins as `init` says.
 * @example const W = parameter("W", [7, 50], glorotUniform, key(1));
 * @throws DTypeError RANDOM_KEY; ShapeError INIT_SHAPE
 */
export function parameter<D extends FloatDType = "float32">(
  name: string,
  shape: readonly number[],
  init: Initializer,
  key: Key,
  dtype?: D,
): Shared<D>;
export function parameter(
  name: string,
  shape: readonly number[],
  init: Initializer,
  key: Key,
  dtype: FloatDType = "float32",
): Shared {
  requireKey(`parameter "${name}"`, key);
  const { data } = init(key, shape);
  return new Shared(
    generate(dtype, shape, (i) => data[i] ?? 0),
    name,
  );
}

/** The weights of `count` gates side by side, `[in, count * out]`, each begun on its own. */
export function sideBySide(init: Initializer, count: number): Initializer {
  return (key, shape) => {
    const [rows = 0, columns = 0] = shape;
    const width = columns / count;
    const gates = Array.from({ length: count }, (_, gate) =>
      init(foldIn(key, gate), [rows, width]),
    );
    return generate("float64", shape, (i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return gates[Math.floor(column / width)]?.data[row * width + (column % width)] ?? 0;
    });
  };
}

/** Gates of these biases, each of the same width. */
export function gateBiases(biases: readonly number[]): Initializer {
  return (_key, shape) => {
    const [size = 0] = shape;
    return generate("float64", shape, (i) => biases[Math.floor((i * biases.length) / size)] ?? 0);
  };
}
