/** Whole Jacobians and Hessians: unit vectors pulled back, in a loop over the entries of what is differentiated. */
import { costSeed, findGradients, type GradRequest } from "../autodiff/grad.ts";
import { pullback } from "../autodiff/pullback.ts";
import { isFloating } from "../graph/dtype.ts";
import { freshLike, rebuild } from "../graph/rebuild.ts";
import { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { arange } from "../ops/arange.ts";
import { cast } from "../ops/cast.ts";
import { eq } from "../ops/compare.ts";
import { constant, zeros, zerosLike } from "../ops/constant.ts";
import { toExactShape } from "../ops/reshape.ts";
import { makeScan } from "../ops/scan/scan.ts";
import { shapeSize } from "../ops/shape.ts";
import { context, directionsLike, matching, tensorsOf, type Matching } from "./derivatives.ts";
import { gradRequest, type GradOptions } from "./grad-options.ts";
import type { Captured } from "./scan/capture.ts";

/** What Jacobians and Hessians take of the options of grad. */
export type JacobianOptions = Pick<GradOptions, "considerConstant" | "disconnectedInputs">;

const optionNames = ["considerConstant", "disconnectedInputs"] as const;

/**
 * The derivatives of every entry of `y` in every entry of `wrt`: of `y` `[...Y]` and a tensor `[...W]` a tensor `[...Y, ...W]`. Theano
 * takes vectors; here `y` has any shape. To any order: `jacobian(jacobian(y, x), x)`.
 * @param y e.g. a vector `[N]`; an integer one has zero derivatives
 * @param wrt a tensor or a list of tensors; the result has its form
 * @example const J = jacobian(tanh(x.dot(W)), x); // [N, M] of x [M] and W [M, N]
 * @throws GradientError GRAD_DISCONNECTED, NO_VJP; ArgumentError NOT_A_TENSOR, GRAD_OPTION
 */
export function jacobian<const W extends Tensor | readonly Tensor[]>(
  y: Tensor,
  wrt: W,
  options: JacobianOptions = {},
): Matching<W> {
  tensorsOf("jacobian", "the expression", y);
  const list = tensorsOf("jacobian", "wrt", wrt);
  const request = gradRequest("jacobian", options, optionNames);
  return matching(wrt, jacobians("jacobian", y, list, request));
}

/**
 * Second derivatives of the scalar `cost`: of a tensor `[...W]` a tensor `[...W, ...W]`. Of a list, that of each tensor by itself, as in
 * Theano; `jacobian(grad(cost, a), b)` gives those between two.
 * @param cost a scalar `[]`
 * @example const H = hessian(cost, w); // [N, N] of w [N]
 * @throws ShapeError GRAD_COST_RANK; GradientError GRAD_DISCONNECTED, NO_VJP; ArgumentError NOT_A_TENSOR, GRAD_OPTION
 */
export function hessian<const W extends Tensor | readonly Tensor[]>(
  cost: Tensor,
  wrt: W,
  options: JacobianOptions = {},
): Matching<W> {
  const { list, slopes, request } = slopesOf("hessian", cost, wrt, options);
  return matching(
    wrt,
    list.map((tensor, i) => {
      const slope = slopes[i];
      // A cost that is linear in the tensor has zero second derivatives, which is no fault.
      return slope === undefined
        ? zeros([...tensor.shape, ...tensor.shape], tensor.dtype)
        : jacobians("hessian", slope, [tensor], { ...request, onDisconnected: () => {} })[0];
    }),
  );
}

/**
 * The Hessian of the scalar `cost` times vectors, without the Hessian: the gradients of sum(gradient * vector), as in Theano; of a list,
 * the Hessian in all of its tensors together. `jvp(grad(cost, w), w, v)` is the same forwards, for ops that have forward derivatives.
 * @param cost a scalar `[]`
 * @param vectors one for each tensor of `wrt`, of its shape
 * @example const Hv = hessianVectorProduct(cost, w, v); // the shape of w
 * @throws ShapeError GRAD_COST_RANK, TANGENT_SHAPE; GradientError GRAD_DISCONNECTED, NO_VJP;
 *   ArgumentError NOT_A_TENSOR, TANGENT_COUNT, GRAD_OPTION
 */
export function hessianVectorProduct<const W extends Tensor | readonly Tensor[]>(
  cost: Tensor,
  wrt: W,
  vectors: Tensor | readonly Tensor[],
  options: JacobianOptions = {},
): Matching<W> {
  const what = "hessianVectorProduct";
  const { list, slopes, request } = slopesOf(what, cost, wrt, options);
  const directions = directionsLike(what, list, tensorsOf(what, "vectors", vectors));
  const pairs = slopes.flatMap((slope, i) => {
    const direction = directions[i];
    return slope === undefined || direction === undefined ? [] : [{ slope, direction }];
  });
  const products = pullback(
    context,
    pairs.map(({ slope }) => slope),
    pairs.map(({ direction }) => direction),
    list,
    { constants: request.constants ?? new Set(), known: new Map() },
  );
  return matching(
    wrt,
    list.map((tensor, i) => products[i] ?? zerosLike(tensor)),
  );
}

function slopesOf(
  what: string,
  cost: Tensor,
  wrt: Tensor | readonly Tensor[],
  options: JacobianOptions,
): {
  readonly list: readonly Tensor[];
  readonly slopes: readonly (Tensor | undefined)[];
  readonly request: GradRequest;
} {
  tensorsOf(what, "the cost", cost);
  const list = tensorsOf(what, "wrt", wrt);
  const request = gradRequest(what, options, optionNames);
  const seed = costSeed(what, cost, constant(1, cost.dtype));
  return { list, slopes: findGradients(context, seed, list, request), request };
}

/** One row of all Jacobians for each entry of `y`; the walk happens once, and what does not depend on the entry stays outside. */
function jacobians(
  what: string,
  y: Tensor,
  wrt: readonly Tensor[],
  request: GradRequest,
): Tensor[] {
  const shapes = wrt.map((x) => [...y.shape, ...x.shape]);
  const count = shapeSize(y.shape);
  const entry = new Tensor({ dtype: "int32", shape: [] }, { kind: "input" }, "entry");
  const dtype = isFloating(y.dtype) ? y.dtype : "float32";
  const unit =
    y.rank === 0
      ? constant(1, dtype)
      : toExactShape(cast(eq(arange(count), entry), dtype), y.shape);
  const seed = { tensor: y, cotangent: unit, role: "the expression" };
  const pulled = findGradients(context, seed, wrt, request);
  const zerosOf = (i: number): Tensor => zeros(shapes[i] ?? [], wrt[i]?.dtype ?? dtype);
  if (y.rank === 0) return wrt.map((_, i) => pulled[i] ?? zerosOf(i));
  const found = pulled.filter((x) => x !== undefined);
  if (found.length === 0) return wrt.map((_, i) => zerosOf(i));
  const { outputs, outer, inputs } = dependentOn(entry, found);
  const { ys } = makeScan(
    { name: what, length: count, reverse: false, truncate: undefined, shifts: [] },
    { consts: outer, carries: [], xs: [arange(count)] },
    { inputs: [...inputs, entry], outputs },
  );
  let next = 0;
  return pulled.map((x, i) => {
    const rows = x === undefined ? undefined : ys[next++];
    return rows === undefined ? zerosOf(i) : toExactShape(rows, shapes[i] ?? []);
  });
}

/** What depends on `input`, closed: the rest becomes fresh inputs, but for what is made of constants alone. */
function dependentOn(input: Tensor, results: readonly Tensor[]): Captured {
  const changing = new Set<Tensor>([input]);
  const fixed = new Set<Tensor>();
  const isFixed = (x: Tensor): boolean => x.origin.kind === "constant" || fixed.has(x);
  const outer = new Set<Tensor>();
  for (const { inputs, outputs, blocks } of toposort(results)) {
    const changes = inputs.some((x) => changing.has(x));
    if (changes) for (const x of inputs) if (!changing.has(x) && !isFixed(x)) outer.add(x);
    const known = blocks.length === 0 && inputs.every(isFixed);
    if (changes || known) for (const y of outputs) (changes ? changing : fixed).add(y);
  }
  for (const x of results) if (!changing.has(x) && !isFixed(x)) outer.add(x);
  const list = [...outer];
  const inputs = list.map((x) => freshLike(x));
  const standIns = new Map(list.map((x, i): [Tensor, Tensor] => [x, inputs[i] ?? x]));
  return { outputs: rebuild(results, standIns), outer: list, inputs };
}
