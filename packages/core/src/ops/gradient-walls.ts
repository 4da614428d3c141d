/** Identities that change the gradient that passes through them: nothing of it, within bounds, or times a factor. */
import { ArgumentError, ShapeError, UnsupportedError } from "../errors/errors.ts";
import { isFloating, type DType } from "../graph/dtype.ts";
import { applyOne } from "../graph/op.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { clip } from "./arithmetic.ts";
import { requireOperand } from "./constant.ts";
import { unary } from "./constructors.ts";
import { elementwise, noGradient } from "./elementwise.ts";
import { asTensor, toTensor, type Operand } from "./operand.ts";

/** `x` as a constant to every derivative. */
export const stopGradient = unary("stopGradient", {
  reference: (x) => x,
  scalar: (x) => x,
  partials: noGradient,
});

export const gradClipOp = elementwise("gradClip", {
  reference: (x) => x,
  scalar: (x) => x,
  partials: (_, _x, lower, upper) => [(g) => clip(g, lower ?? 0, upper ?? 0)],
  refuseForward: ({ inputs: [x], site }) => {
    throw new UnsupportedError(
      "GRAD_CLIP_JVP",
      `gradClip of ${x === undefined ? "a tensor" : describe(x)} has no forward derivative: clipping a gradient is not linear`,
      {
        notes: [`used at ${site.toString()}`],
        hint: "use grad or vjp; for a Hessian times a vector, hessianVectorProduct",
      },
    );
  },
});

export const gradScaleOp = elementwise("gradScale", {
  reference: (x) => x,
  scalar: (x) => x,
  partials: (_, _x, factor) => [factor],
});

/**
 * `x` itself; the gradient that passes through is held between `lower` and `upper`, entry by entry (Theano's grad_clip). In a step of a
 * scan it clips at every step. There is no forward derivative: clipping is not linear.
 * @param lower a number, or a scalar `[]`; likewise `upper`
 * @example const h = scan((x_t, s) => tanh(gradClip(s, -1, 1).mul(w).add(x_t)), { sequences: x, outputsInfo: s0 }).final;
 * @throws ArgumentError GRAD_CLIP_BOUNDS; ShapeError GRAD_SCALAR; UnsupportedError GRAD_CLIP_JVP when differentiated forwards
 */
export function gradClip<D extends DType>(x: Tensor<D>, lower: Operand, upper: Operand): Tensor<D>;
export function gradClip(x: Operand, lower: Operand, upper: Operand): Tensor;
export function gradClip(x: Operand, lower: Operand, upper: Operand): Tensor {
  requireOperand("gradClip: argument 1", x);
  const tensor = asTensor(x);
  const bounds = [lower, upper].map((bound, i) =>
    scalarLike("gradClip", i === 0 ? "lower" : "upper", tensor, bound),
  );
  const numbers = typeof lower === "number" && typeof upper === "number";
  if (Number.isNaN(lower) || Number.isNaN(upper) || (numbers && lower > upper))
    throw new ArgumentError(
      "GRAD_CLIP_BOUNDS",
      `gradClip: no gradient is between ${String(lower)} and ${String(upper)}`,
      { hint: "the lower bound comes first: gradClip(x, -1, 1)" },
    );
  return isFloating(tensor.dtype) ? applyOne(gradClipOp, [tensor, ...bounds], null) : tensor;
}

/**
 * `x` itself; the gradient that passes through is multiplied by `factor` (Theano's grad_scale), and so are tangents: forwards and
 * backwards stay transposes.
 * @param factor a number, or a scalar `[]`, such as a schedule that a call gives
 * @example const features = gradScale(encoder(x), 0.1);
 * @throws ShapeError GRAD_SCALAR
 */
export function gradScale<D extends DType>(x: Tensor<D>, factor: Operand): Tensor<D>;
export function gradScale(x: Operand, factor: Operand): Tensor;
export function gradScale(x: Operand, factor: Operand): Tensor {
  requireOperand("gradScale: argument 1", x);
  const tensor = asTensor(x);
  const scalar = scalarLike("gradScale", "factor", tensor, factor);
  return isFloating(tensor.dtype) ? applyOne(gradScaleOp, [tensor, scalar], null) : tensor;
}

/**
 * `x` itself; the gradient that passes through changes its sign, as adversaries want it (Ganin and Lempitsky 2015).
 * @example const domain = classify(gradReverse(features));
 */
export function gradReverse<D extends DType>(x: Tensor<D>): Tensor<D>;
export function gradReverse(x: Operand): Tensor;
export function gradReverse(x: Operand): Tensor {
  requireOperand("gradReverse: argument 1", x);
  return gradScale(x, -1);
}

function scalarLike(word: string, role: string, x: Tensor, value: Operand): Tensor {
  requireOperand(`${word}: ${role}`, value);
  const dtype = isFloating(x.dtype) ? x.dtype : "float32";
  const scalar = asTensor(value, dtype);
  if (scalar.rank === 0) return toTensor(scalar, dtype);
  throw new ShapeError(
    "GRAD_SCALAR",
    `${word}: ${value instanceof Tensor ? `${role} ${describe(value)}` : role} is ${printType(scalar.type)}, not a scalar`,
    { hint: "give a number, or a tensor without axes" },
  );
}
