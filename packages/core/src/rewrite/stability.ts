/**
 * Expressions that lose digits or overflow become ones that do not: log(softmax x), log(sigmoid x), log(1 - sigmoid x),
 * log(1 + e^x), log(1 + x), e^x - 1, and the quotients that their gradients contain. The same list as Theano's stability rewrites.
 */
import { ownerOf, type Apply } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul, neg, sub } from "../ops/arithmetic.ts";
import { fullLike } from "../ops/constant.ts";
import { logSoftmax, softmaxOp } from "../ops/softmax.ts";
import { exp, expm1, log, log1p, sigmoid, softplus } from "../ops/transcendental.ts";
import { isAllEqual } from "./constants.ts";
import type { Pass } from "./pipeline.ts";
import { rewriteGraph } from "./rewrite-graph.ts";
import { sameType } from "./same-type.ts";

export const stabilize: Pass = {
  name: "stabilize",
  run: (results) =>
    rewriteGraph(results, (apply, inputs) => {
      const [x, y] = inputs;
      const [output] = apply.outputs;
      if (x === undefined || output === undefined) return undefined;
      const made =
        apply.op === log.op
          ? stableLog(x)
          : y === undefined
            ? undefined
            : apply.op === sub.op
              ? stableDifference(x, y)
              : apply.op === mul.op
                ? cancelled(x, y)
                : undefined;
      return made === undefined || !sameType(made, output) ? undefined : [made];
    }),
};

function operands(tensor: Tensor, op: object): readonly Tensor[] | undefined {
  const apply: Apply | undefined = ownerOf(tensor);
  return apply?.op === op ? apply.inputs : undefined;
}

/** x of 1 + x or x + 1. */
function onePlus(tensor: Tensor): Tensor | undefined {
  const [x, y] = operands(tensor, add.op) ?? [];
  return isAllEqual(x, 1) ? y : isAllEqual(y, 1) ? x : undefined;
}

function oneMinus(tensor: Tensor): Tensor | undefined {
  const [x, y] = operands(tensor, sub.op) ?? [];
  return isAllEqual(x, 1) ? y : undefined;
}

function stableLog(x: Tensor): Tensor | undefined {
  const [logits] = operands(x, softmaxOp) ?? [];
  if (logits !== undefined) return logSoftmax(logits);
  const [inside] = operands(x, sigmoid.op) ?? [];
  if (inside !== undefined) return neg(softplus(neg(inside)));
  const complement = oneMinus(x);
  const [opposite] = complement === undefined ? [] : (operands(complement, sigmoid.op) ?? []);
  if (opposite !== undefined) return neg(softplus(opposite));
  const more = onePlus(x);
  if (more === undefined) return undefined;
  const [exponent] = operands(more, exp.op) ?? [];
  return exponent === undefined ? log1p(more) : softplus(exponent);
}

function stableDifference(x: Tensor, y: Tensor): Tensor | undefined {
  const [exponent] = operands(x, exp.op) ?? [];
  return exponent !== undefined && isAllEqual(y, 1) ? expm1(exponent) : undefined;
}

/**
 * What the gradients of logarithms contain: p * (c / p) = c, p * (c / p - s) = c - p * s, and e^x * (c / (1 + e^x)) = c * sigmoid x,
 * for a softmax or sigmoid p, among the factors of a product.
 */
function cancelled(x: Tensor, y: Tensor): Tensor | undefined {
  const factors = [...factorsOf(x), ...factorsOf(y)];
  for (const [i, divisor] of factors.entries())
    for (const [j, other] of factors.entries()) {
      const merged = i === j ? undefined : cancelledBy(divisor, other);
      if (merged === undefined) continue;
      return factors
        .filter((_, k) => k !== i && k !== j)
        .reduce((product, factor) => mul(product, factor), merged);
    }
  return undefined;
}

/** More factors are left alone: products of products would have no end of them. */
const mostFactors = 8;

/** The factors of a product, parts of it where they are many; a negated one is -1 times its own. */
function factorsOf(tensor: Tensor): Tensor[] {
  const factors = [tensor];
  for (let i = 0; i < factors.length;) {
    const factor = factors[i];
    if (factor === undefined || factors.length >= mostFactors) break;
    const [x, y] = operands(factor, mul.op) ?? [];
    const [negated] = operands(factor, neg.op) ?? [];
    if (x !== undefined && y !== undefined && sameType(x, factor) && sameType(y, factor))
      factors.splice(i, 1, x, y);
    else if (negated !== undefined) factors.splice(i, 1, negated, fullLike(negated, -1));
    else i++;
  }
  return factors;
}

function cancelledBy(p: Tensor, other: Tensor): Tensor | undefined {
  const quotient = numeratorOver(other, p);
  if (quotient !== undefined) return isProbability(p) ? quotient : undefined;
  const [exponent] = operands(p, exp.op) ?? [];
  const [numerator, denominator] = operands(other, div.op) ?? [];
  if (
    exponent !== undefined &&
    numerator !== undefined &&
    denominator !== undefined &&
    onePlus(denominator) === p &&
    sameType(numerator, p)
  )
    return mul(numerator, sigmoid(exponent));
  const [minuend, subtrahend] = operands(other, sub.op) ?? [];
  const whole = minuend === undefined || !isProbability(p) ? undefined : numeratorOver(minuend, p);
  return whole === undefined || subtrahend === undefined
    ? undefined
    : sub(whole, mul(p, subtrahend));
}

/** c of c / p, where p is the very tensor. */
function numeratorOver(tensor: Tensor, p: Tensor): Tensor | undefined {
  const [numerator, denominator] = operands(tensor, div.op) ?? [];
  return denominator === p && numerator !== undefined && sameType(numerator, p)
    ? numerator
    : undefined;
}

/** Positive and at most 1 wherever its input is finite, so that cancelling it changes no finite result. */
function isProbability(tensor: Tensor): boolean {
  const { op } = ownerOf(tensor) ?? {};
  if (op === softmaxOp || op === sigmoid.op) return true;
  const complement = oneMinus(tensor);
  return complement !== undefined && ownerOf(complement)?.op === sigmoid.op;
}
