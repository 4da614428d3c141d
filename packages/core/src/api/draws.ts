/** Random numbers in the user's words: sizes may be int32 scalars such as `x.size(0)`. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Operand } from "../ops/operand.ts";
import * as draws from "../ops/random.ts";
import * as keys from "../ops/random-key.ts";
import { toCount, toDimensions, type SizeLike } from "./shapes.ts";

/** @throws ArgumentError RANDOM_OPTION */
function checkOptions(
  what: string,
  options: { readonly dtype?: string } = {},
  own: readonly string[],
): void {
  const unknown = unknownOption(options, [...own, "dtype"]);
  if (unknown !== undefined)
    throw new ArgumentError("RANDOM_OPTION", `${what} ${unknown.problem}`, unknown);
  const { dtype = "float32" } = options;
  if (dtype !== "float32" && dtype !== "float64")
    throw new ArgumentError("RANDOM_OPTION", `${what}: dtype cannot be ${JSON.stringify(dtype)}`, {
      hint: "it is float32 or float64; whole numbers come from randint, booleans from bernoulli",
    });
}

/** `n` new keys [n, 2]. @throws DTypeError RANDOM_KEY; ArgumentError SIZE */
export function split(from: Tensor, n: SizeLike): Tensor<"int32"> {
  return keys.split(from, toCount("split", n));
}

/** int32 words, all bits random. @throws DTypeError RANDOM_KEY; ArgumentError SIZE */
export function randomBits(key: Tensor, shape: readonly SizeLike[]): Tensor<"int32"> {
  return draws.randomBits(key, toDimensions("randomBits", shape));
}

/**
 * Numbers spread evenly in [low, high), by default [0, 1): multiples of 2^-24 (float32) or 2^-53. With other bounds a sum may round
 * to `high` itself.
 * @throws DTypeError RANDOM_KEY; ArgumentError RANDOM_OPTION, SIZE
 */
export function uniform<D extends "float32" | "float64" = "float32">(
  key: Tensor,
  shape: readonly SizeLike[],
  options?: draws.UniformOptions<D>,
): Tensor<D> {
  checkOptions("uniform", options, ["low", "high"]);
  return draws.uniform(key, toDimensions("uniform", shape), options);
}

/** Normally distributed numbers, by default of mean 0 and standard deviation 1. @throws DTypeError RANDOM_KEY; ArgumentError RANDOM_OPTION, SIZE */
export function normal<D extends "float32" | "float64" = "float32">(
  key: Tensor,
  shape: readonly SizeLike[],
  options?: draws.NormalOptions<D>,
): Tensor<D> {
  checkOptions("normal", options, ["mean", "deviation"]);
  return draws.normal(key, toDimensions("normal", shape), options);
}

/** True with probability `p`. @throws DTypeError RANDOM_KEY; ArgumentError RANDOM_OPTION, SIZE */
export function bernoulli(key: Tensor, p: Operand, shape: readonly SizeLike[]): Tensor<"bool"> {
  if (typeof p === "number" && !(p >= 0 && p <= 1))
    throw new ArgumentError("RANDOM_OPTION", `bernoulli: ${p} is no probability`, {
      hint: "give a number from 0 to 1: bernoulli(key, 0.5, [3])",
    });
  return draws.bernoulli(key, p, toDimensions("bernoulli", shape));
}

/**
 * Integers from `low` up to but without `high`, evenly spread.
 * @throws ArgumentError RANDINT_RANGE when there are none; ArgumentError SIZE; DTypeError RANDOM_KEY, NOT_INTEGER
 */
export function randint(
  key: Tensor,
  low: Operand,
  high: Operand,
  shape: readonly SizeLike[],
): Tensor<"int32"> {
  return draws.randint(key, low, high, toDimensions("randint", shape));
}
