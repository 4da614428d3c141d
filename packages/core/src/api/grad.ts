/** First derivatives in the user's words: gradients, and the two products with a Jacobian. */
import { costSeed, findGradients } from "../autodiff/grad.ts";
import { ArgumentError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { Tensor } from "../graph/tensor.ts";
import { constant, zerosLike } from "../ops/constant.ts";
import { context, directionsLike, matching, tensorsOf, type Matching } from "./derivatives.ts";
import { gradRequest, type GradOptions } from "./grad-options.ts";

/** As `Matching`, with `undefined` where there is no path. */
export type MaybeMatching<W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? { -readonly [K in keyof W]: Matching<Extract<W[K], Tensor>> | undefined }
  : Matching<W> | undefined;

/**
 * Gradients of the scalar `cost` in `wrt` (a tensor or a list), through scans too, and to any order: the result is a graph again.
 * Each has the shape and dtype of its tensor.
 * @param cost a scalar `[]`; `undefined` where `knownGrads` says it all
 * @example const [dW, db] = grad(cost, [W, b]);
 * @throws ShapeError GRAD_COST_RANK, TANGENT_SHAPE; GradientError GRAD_DISCONNECTED, NO_VJP;
 *   ArgumentError NOT_A_TENSOR, GRAD_OPTION, GRAD_NO_COST; DTypeError KNOWN_GRAD_DTYPE
 */
export function grad<const W extends Tensor | readonly Tensor[]>(
  cost: Tensor | undefined,
  wrt: W,
  options: GradOptions & { readonly returnDisconnected: "undefined" },
): MaybeMatching<W>;
export function grad<const W extends Tensor | readonly Tensor[]>(
  cost: Tensor | undefined,
  wrt: W,
  options?: GradOptions,
): Matching<W>;
export function grad(
  cost: Tensor | undefined,
  wrt: Tensor | readonly Tensor[],
  options: GradOptions = {},
): unknown {
  if (cost !== undefined) tensorsOf("grad", "the cost", cost);
  const request = gradRequest("grad", options);
  if (cost === undefined && options.knownGrads === undefined)
    throw new ArgumentError("GRAD_NO_COST", "grad has neither a cost nor knownGrads", {
      hint: "give a scalar cost, or gradients to begin with: grad(undefined, W, { knownGrads: [[h, dh]] })",
    });
  const list = tensorsOf("grad", "wrt", wrt);
  const seed = cost && costSeed("grad", cost, constant(1, cost.dtype));
  const found = findGradients(context, seed, list, request);
  const isMissing = (tensor: Tensor): boolean =>
    options.returnDisconnected === "undefined" &&
    isFloating(tensor.dtype) &&
    (cost === undefined || isFloating(cost.dtype));
  return matching(
    wrt,
    list.map((tensor, i) => found[i] ?? (isMissing(tensor) ? undefined : zerosLike(tensor))),
  );
}

/**
 * The R-operator: the change of `outputs` when `wrt` changes by `tangents` (Jacobian times vector). No path gives zeros.
 * @throws ShapeError TANGENT_SHAPE; GradientError NO_JVP; ArgumentError NOT_A_TENSOR, TANGENT_COUNT
 */
export function jvp<const O extends Tensor | readonly Tensor[]>(
  outputs: O,
  wrt: Tensor | readonly Tensor[],
  tangents: Tensor | readonly Tensor[],
): Matching<O> {
  const list = tensorsOf("jvp", "outputs", outputs);
  const inputs = tensorsOf("jvp", "wrt", wrt);
  const directions = directionsLike("jvp", inputs, tensorsOf("jvp", "tangents", tangents));
  const pushed = context.pushforward(list, inputs, directions);
  return matching(
    outputs,
    list.map((output, i) => pushed[i] ?? zerosLike(output)),
  );
}

/**
 * The L-operator: what `cotangents` of `outputs` mean for `wrt` (vector times Jacobian). No path gives zeros.
 * @throws ShapeError TANGENT_SHAPE; GradientError NO_VJP; ArgumentError NOT_A_TENSOR, TANGENT_COUNT
 */
export function vjp<const W extends Tensor | readonly Tensor[]>(
  outputs: Tensor | readonly Tensor[],
  wrt: W,
  cotangents: Tensor | readonly Tensor[],
): Matching<W> {
  const results = tensorsOf("vjp", "outputs", outputs);
  const list = tensorsOf("vjp", "wrt", wrt);
  const given = directionsLike("vjp", results, tensorsOf("vjp", "cotangents", cotangents));
  const pulled = context.pullback(results, given, list);
  return matching(
    wrt,
    list.map((input, i) => pulled[i] ?? zerosLike(input)),
  );
}
