/** Attention over padded sequences `[T, B, ...]`: rows of padding have no weight, and may hold anything. */
import { ArgumentError, DTypeError, ShapeError } from "../errors/errors.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { sizeValue } from "../ops/arange.ts";
import { sum } from "../ops/broadcast.ts";
import { cast } from "../ops/cast.ts";
import { zerosLike } from "../ops/constant.ts";
import { expandDims, padRank } from "../ops/dimshuffle.ts";
import { div, mul, sqrt } from "../ops/arithmetic.ts";
import { where } from "../ops/logic.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";
import { lengthMask } from "../ops/scan/length-mask.ts";
import { describeTyped, isOne, sizeAt } from "../ops/shape.ts";
import { softmax } from "../ops/softmax.ts";
import type { Size } from "../size/size.ts";
import { checkNames, requireTensor } from "./check-options.ts";

/** Which rows count: one of both, or neither where all do. */
export interface ValidRows {
  /** `[B]`: the length of each sequence. */
  readonly lengths?: Tensor<"int32">;
  /** `[T, B]`: which rows count; holes are allowed. */
  readonly mask?: Tensor<"bool">;
}

export interface AttentionOptions extends ValidRows {
  /** What scores are multiplied with. Default: 1 / sqrt(K). */
  readonly scale?: number;
}

/** What attention read, `[B, V]`, and the weights of the rows, `[T, B]`, of sum 1, or 0 where a sequence is empty. */
export interface Attended {
  readonly context: Tensor;
  readonly weights: Tensor;
}

const shapes = "sequences are [T, B, ...]: time first, then the batch; a query is [B, K]";

/** Below every score, and finite, so that nothing becomes NaN. */
const lowest = -1e30;

/** @throws ArgumentError OPERAND; ShapeError ATTENTION_INPUT */
function requireRank(what: string, x: Tensor, rank: number, shape: string): void {
  requireTensor(what, x);
  if (x.rank === rank) return;
  throw new ShapeError("ATTENTION_INPUT", `${what} ${describeTyped(x)} is not ${shape}`, {
    hint: shapes,
  });
}

/** `x`, whose axis is as long as that of its partner, for certain or once the call has looked: nothing is spread. @throws ShapeError ATTENTION_INPUT */
function withSize(what: string, x: Tensor, axis: number, size: Size, meaning: string): Tensor {
  const own = sizeAt(x, axis);
  if (own.equals(size)) return x;
  const message = `${what} ${describeTyped(x)}: axis ${axis} must be ${meaning}, of size ${size.toString()}`;
  if (isOne(own) || (own.constant !== undefined && size.constant !== undefined))
    throw new ShapeError("ATTENTION_INPUT", message, {
      hint: `${shapes}; broadcastTo(x, shape) spreads one for all`,
    });
  const shape = x.shape.map((d, k) => (k === axis ? size : d));
  return assertSizes(x, shape, [{ x: own, relation: "equal", y: size, message }]);
}

/** `x` `[T, B, ...]` with the rows and the batch of `other`. */
function alike(what: string, x: Tensor, other: Tensor): Tensor {
  const rows = withSize(what, x, 0, sizeAt(other, 0), "time");
  return withSize(what, rows, 1, sizeAt(other, 1), "the batch");
}

/** @throws DTypeError ATTENTION_MASK */
function requireDType(what: string, x: Tensor, dtype: "int32" | "bool"): void {
  requireTensor(what, x);
  if (x.dtype === dtype) return;
  throw new DTypeError("ATTENTION_MASK", `${what} ${describeTyped(x)} is not ${dtype}`, {
    hint: dtype === "bool" ? "compare it: gt(mask, 0)" : 'convert it: cast(lengths, "int32")',
  });
}

/** `[T, B]`: which rows of `x` count; undefined where all do. @throws ArgumentError LAYER_OPTION, OPERAND; DTypeError ATTENTION_MASK; ShapeError ATTENTION_INPUT */
function validOf(what: string, x: Tensor, { lengths, mask }: ValidRows): Tensor | undefined {
  if (lengths !== undefined && mask !== undefined)
    throw new ArgumentError("LAYER_OPTION", `${what}: give mask or lengths, not both`, {
      hint: "lengths is short for a mask without holes",
    });
  if (mask !== undefined) {
    requireDType(`${what}: mask`, mask, "bool");
    requireRank(`${what}: mask`, mask, 2, "[T, B]");
    return alike(`${what}: mask`, mask, x);
  }
  const [rows] = x.shape;
  if (lengths === undefined || rows === undefined) return undefined;
  requireDType(`${what}: lengths`, lengths, "int32");
  requireRank(`${what}: lengths`, lengths, 1, "[B]");
  const sized = withSize(`${what}: lengths`, lengths, 0, sizeAt(x, 1), "the batch");
  return lengthMask(sized, rows, `${what}: lengths ${describe(lengths)}`);
}

function select(valid: Tensor | undefined, x: Tensor, otherwise: Tensor | number): Tensor {
  return valid === undefined ? x : where(padRank(valid, x.rank, 2), x, otherwise);
}

/**
 * `x` `[T, B, ...]` with zeros in the rows of padding, by selection: neither values nor gradients see what lay there.
 * @example const rows = zeroPadding(x, { lengths });
 * @throws ArgumentError LAYER_OPTION, OPERAND; DTypeError ATTENTION_MASK; ShapeError ATTENTION_INPUT
 */
export function zeroPadding(x: Tensor, options: ValidRows): Tensor {
  checkNames("zeroPadding", options, ["lengths", "mask"]);
  requireTensor("zeroPadding: what is padded", x);
  if (x.rank < 2) requireRank("zeroPadding:", x, 2, "[T, B, ...]");
  return select(validOf("zeroPadding", x, options), x, zerosLike(x));
}

/**
 * The sum of `values` `[T, B, V]` weighted by the softmax over time of `scores` `[T, B]`. Rows of padding have the weight 0; a
 * sequence without rows gives zeros, never NaN. Scores may come from any function, as those of Bahdanau et al. 2015 do.
 * @example
 * const scores = squeeze(score(tanh(add(keys(rows), expandDims(query(h), 0)))), 2);
 * const { context } = attend(scores, rows, { lengths });
 * @throws ArgumentError LAYER_OPTION, OPERAND; DTypeError ATTENTION_MASK; ShapeError ATTENTION_INPUT
 */
export function attend(scores: Tensor, values: Tensor, options: ValidRows = {}): Attended {
  checkNames("attend", options, ["lengths", "mask"]);
  requireRank("attend: scores", scores, 2, "[T, B]");
  requireRank("attend: values", values, 3, "[T, B, V]");
  return weigh(scores, alike("attend: values", values, scores), validOf("attend", scores, options));
}

function weigh(scores: Tensor, values: Tensor, valid: Tensor | undefined): Attended {
  const spread = softmax(select(valid, scores, lowest), 0);
  const weights = select(valid, spread, zerosLike(spread));
  const read = select(valid, values, zerosLike(values));
  return { context: sum(mul(expandDims(weights, 2), read), 0), weights };
}

/**
 * What `query` `[B, K]`, or `[1, K]` for all, finds in a padded batch: values `[T, B, V]` weighted by softmax(query . key / sqrt(K)) over the rows that
 * count (Luong et al. 2015; scaled as in Vaswani et al. 2017). Padding of keys and values may hold NaN.
 * @example
 * const { h } = run(encoder, x, { lengths }).outputs;
 * const { context, weights } = attention(query, h, h, { lengths });
 * @throws ArgumentError LAYER_OPTION, OPERAND; DTypeError ATTENTION_MASK; ShapeError ATTENTION_INPUT
 */
export function attention(
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  options: AttentionOptions = {},
): Attended {
  checkNames("attention", options, ["lengths", "mask", "scale"]);
  const { scale, ...rows } = options;
  requireRank("attention: the query", query, 2, "[B, K]");
  requireRank("attention: keys", keys, 3, "[T, B, K]");
  requireRank("attention: values", values, 3, "[T, B, V]");
  const valid = validOf("attention", keys, rows);
  const clean = select(valid, keys, zerosLike(keys));
  const what = "attention: the query";
  const wide = withSize(what, query, 1, sizeAt(keys, 2), "as wide as the keys");
  const asked = isOne(query.shape[0])
    ? wide
    : withSize(what, wide, 0, sizeAt(keys, 1), "the batch");
  const products = sum(mul(clean, expandDims(asked, 0)), -1);
  const width = sqrt(cast(sizeValue(keys.shape[2] ?? 1), products.dtype));
  const scores = scale === undefined ? div(products, width) : mul(products, scale);
  return weigh(scores, alike("attention: values", values, keys), valid);
}
