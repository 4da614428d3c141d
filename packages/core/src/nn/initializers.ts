/**
 * How parameters begin: pure functions of a random key and a shape. Values are computed on the host in float64 by our own
 * functions, so that a seed means the same bits on every engine.
 */
import { evaluate } from "../api/evaluate.ts";
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { generate, type NDArray } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import { hostNormal, hostUniform, type KeyWords } from "../ops/host-random.ts";
import { requireKey } from "../ops/random-key.ts";
import { largestSingularValue, orthonormalizeRows, transposed } from "./matrices.ts";

/** A random key with a known value: made by `key(seed)`, `split` and `foldIn`. */
export type Key = Tensor<"int32">;

/** Initial values of a parameter of this shape. The same key and shape give the same values. */
export type Initializer = (key: Key, shape: readonly number[]) => NDArray<"float64">;

function wordsOf(key: Key): KeyWords {
  const { rank, data } = evaluate(requireKey("initializer", key));
  const [k0 = 0, k1 = 0] = data;
  if (rank === 1) return [k0, k1];
  throw new ArgumentError("INIT_KEY", `an initializer needs one key, got ${data.length / 2}`, {
    hint: "take one: index(keys, i)",
  });
}

/** Numbers spread evenly in [-limit, limit). */
export function uniformWithin(limit: number): Initializer {
  return (key, shape) => hostUniform(wordsOf(key), shape, -limit, limit);
}

function scaledNormal(key: Key, shape: readonly number[], deviation: number): NDArray<"float64"> {
  const values = hostNormal(wordsOf(key), shape);
  return generate("float64", shape, (i) => deviation * (values.data[i] ?? 0));
}

/** How many inputs and outputs a weight of this shape joins: `[in, out]`. */
function fans(shape: readonly number[]): { readonly fanIn: number; readonly fanOut: number } {
  const [first = 1, ...rest] = shape;
  return { fanIn: first, fanOut: rest.reduce((n, size) => n * size, 1) };
}

function requireMatrix(name: string, shape: readonly number[]): readonly [number, number] {
  const [m, n] = shape;
  if (m !== undefined && n !== undefined && shape.length === 2) return [m, n];
  throw new ShapeError("INIT_SHAPE", `${name} makes matrices, not [${shape.join(", ")}]`, {
    hint: "use zero or uniform for other shapes",
  });
}

/** 'zero' of Theano's notebook. */
export const zero: Initializer = (_key, shape) => generate("float64", shape, () => 0);

/** 'uni' of the notebook: evenly in [-0.1, 0.1). */
export const uniform: Initializer = uniformWithin(0.1);

/** Evenly within sqrt(6 / (in + out)) (Glorot & Bengio 2010); 'unishape' of the notebook. */
export const glorotUniform: Initializer = (key, shape) => {
  const { fanIn, fanOut } = fans(shape);
  return uniformWithin(Math.sqrt(6 / (fanIn + fanOut)))(key, shape);
};

/** The notebook's name of `glorotUniform`. */
export const unishape: Initializer = glorotUniform;

/** Normal, of deviation sqrt(2 / (in + out)) (Glorot & Bengio 2010). */
export const glorotNormal: Initializer = (key, shape) => {
  const { fanIn, fanOut } = fans(shape);
  return scaledNormal(key, shape, Math.sqrt(2 / (fanIn + fanOut)));
};

/** Evenly within sqrt(6 / in) (He et al. 2015): for relu. */
export const heUniform: Initializer = (key, shape) =>
  uniformWithin(Math.sqrt(6 / fans(shape).fanIn))(key, shape);

/** Normal, of deviation sqrt(2 / in) (He et al. 2015): for relu. */
export const heNormal: Initializer = (key, shape) =>
  scaledNormal(key, shape, Math.sqrt(2 / fans(shape).fanIn));

/** 'svd' of the notebook: evenly in [-1, 1), divided by the largest singular value. @throws ShapeError INIT_SHAPE */
export const svd: Initializer = (key, shape) => {
  requireMatrix("svd", shape);
  const values = uniformWithin(1)(key, shape);
  const largest = largestSingularValue(values);
  return generate("float64", shape, (i) => (values.data[i] ?? 0) / largest);
};

/**
 * A random matrix whose shorter side is orthonormal, evenly distributed (Saxe et al. 2014): for weights from state to state.
 * @throws ShapeError INIT_SHAPE
 */
export const orthogonal: Initializer = (key, shape) => {
  const [m, n] = requireMatrix("orthogonal", shape);
  const wide = hostNormal(wordsOf(key), m <= n ? [m, n] : [n, m]);
  orthonormalizeRows(wide);
  return m <= n ? wide : transposed(wide);
};
