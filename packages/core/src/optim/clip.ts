/** Clipping of gradients by their common length. */
import { ArgumentError } from "../errors/errors.ts";
import type { DType } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul, sqr, sqrt } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import { le } from "../ops/compare.ts";
import { constant } from "../ops/constant.ts";
import { where } from "../ops/logic.ts";

/** The square root of the sum of the squares of all elements: a scalar, added up over the tensors in `dtype`. */
export function globalNorm<D extends "float64" | "float32" = "float64">(
  gradients: readonly Tensor[],
  dtype?: D,
): Tensor<D>;
export function globalNorm(
  gradients: readonly Tensor[],
  dtype: "float64" | "float32" = "float64",
): Tensor {
  const squares = gradients.map((g): Tensor => cast(sum(sqr(g)), dtype));
  return sqrt(squares.reduce((x, y): Tensor => add(x, y), constant(0, dtype)));
}

/** @throws ArgumentError OPTIM_OPTION */
export function requireNorm(norm: number): void {
  if (!(norm > 0))
    throw new ArgumentError("OPTIM_OPTION", `the norm to clip to must be > 0, got ${norm}`);
}

/**
 * All gradients times norm / globalNorm where that is less than one (Pascanu et al. 2013), else as they are; NaN stays NaN. The norm is
 * added up in `scalars` (default: float64).
 * @example const clipped = clipGradients(grad(cost, params), 1);
 * @throws ArgumentError OPTIM_OPTION
 */
export function clipGradients<const G extends readonly Tensor[]>(
  gradients: G,
  norm: number,
  scalars?: "float64" | "float32",
): { -readonly [K in keyof G]: G[K] extends Tensor<infer D> ? Tensor<D> : never };
export function clipGradients(
  gradients: readonly Tensor[],
  norm: number,
  scalars: "float64" | "float32" = "float64",
): Tensor[] {
  requireNorm(norm);
  const total = globalNorm(gradients, scalars);
  const factor = where(le(total, norm), 1, div(norm, total));
  return gradients.map((g): Tensor<DType> => mul(g, cast(factor, g.dtype)));
}
