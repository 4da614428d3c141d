/** Gradients of scalar costs. The api binds the primitives: users see `grad(cost, wrt)`. */
import { GradientError, ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { GradientContext } from "../graph/op.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { pullback, type Walls } from "./pullback.ts";

/** What `gradients` is told beside the cost and what to differentiate in. */
export interface GradRequest extends Partial<Walls> {
  /** Called for each tensor without a path to the cost; throws by default. */
  readonly onDisconnected?: (error: GradientError) => void;
}

/**
 * Gradients of the scalar `cost` in each tensor of `wrt`, by one reverse walk; undefined where there is no path.
 * `one` is the cotangent of the cost. Without a cost, the known gradients are all there is. An integer cost has zero gradients.
 * @throws ShapeError GRAD_COST_RANK when the cost is not a scalar; GradientError GRAD_DISCONNECTED when there is no path.
 */
export function findGradients(
  context: GradientContext,
  cost: { readonly tensor: Tensor; readonly one: Tensor } | undefined,
  wrt: readonly Tensor[],
  request: GradRequest = {},
): (Tensor | undefined)[] {
  const { constants = new Set(), known = new Map<Tensor, Tensor>() } = request;
  if (cost !== undefined && cost.tensor.rank !== 0)
    throw new ShapeError(
      "GRAD_COST_RANK",
      `grad needs a scalar cost, ${describe(cost.tensor)} is ${printType(cost.tensor.type)}`,
      { hint: "reduce it first: grad(sum(cost), ...) or grad(mean(cost), ...)" },
    );
  const isDiscrete = cost !== undefined && !isFloating(cost.tensor.dtype);
  const outputs = cost === undefined || isDiscrete ? [] : [cost.tensor];
  const ones = cost === undefined || isDiscrete ? [] : [cost.one];
  const found = pullback(context, outputs, ones, wrt, { constants, known });
  return wrt.map((tensor, i) => {
    const gradient = found[i];
    if (gradient !== undefined) return gradient;
    if (isDiscrete || !isFloating(tensor.dtype)) return context.zeros(tensor);
    const error = disconnected(cost?.tensor, tensor);
    if (request.onDisconnected === undefined) throw error;
    request.onDisconnected(error);
    return undefined;
  });
}

/** `findGradients`, with zeros where there is no path. */
export function gradients(
  context: GradientContext,
  cost: Tensor,
  one: Tensor,
  wrt: readonly Tensor[],
  request: GradRequest = {},
): Tensor[] {
  const found = findGradients(context, { tensor: cost, one }, wrt, request);
  return wrt.map((tensor, i) => found[i] ?? context.zeros(tensor));
}

function disconnected(cost: Tensor | undefined, tensor: Tensor): GradientError {
  const source =
    cost === undefined
      ? "no tensor of knownGrads depends on"
      : `the cost ${describe(cost)} does not depend on`;
  return new GradientError("GRAD_DISCONNECTED", `${source} ${describe(tensor)}`, {
    notes: [`${describe(tensor)} was made at ${tensor.site.toString()}`],
    hint: 'leave it out of wrt, or pass { disconnectedInputs: "ignore" } to get zeros',
  });
}
