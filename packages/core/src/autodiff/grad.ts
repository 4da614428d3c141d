/** Gradients of scalar costs. The api binds the primitives: users see `grad(cost, wrt)`. */
import { GradientError, ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { GradientContext } from "../graph/op.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";

export interface GradOptions {
  /** What to do when the cost does not depend on an entry of `wrt`: throw (default), or zeros. */
  readonly disconnectedInputs?: "raise" | "ignore";
}

/**
 * Gradients of the scalar `cost` in each tensor of `wrt`, by one reverse walk.
 * `one` is the cotangent of the cost. An integer cost has zero gradients.
 * @throws ShapeError GRAD_COST_RANK when the cost is not a scalar; GradientError GRAD_DISCONNECTED when there is no path.
 */
export function gradients(
  context: GradientContext,
  cost: Tensor,
  one: Tensor,
  wrt: readonly Tensor[],
  options: GradOptions = {},
): Tensor[] {
  if (cost.rank !== 0)
    throw new ShapeError(
      "GRAD_COST_RANK",
      `grad needs a scalar cost, ${describe(cost)} is ${printType(cost.type)}`,
      { hint: "reduce it first: grad(sum(cost), ...) or grad(mean(cost), ...)" },
    );
  const found = isFloating(cost.dtype)
    ? context.pullback([cost], [one], wrt)
    : wrt.map(() => undefined);
  return wrt.map((tensor, i) => {
    const gradient = found[i];
    if (gradient !== undefined) return gradient;
    if (
      options.disconnectedInputs !== "ignore" &&
      isFloating(cost.dtype) &&
      isFloating(tensor.dtype)
    )
      throw new GradientError(
        "GRAD_DISCONNECTED",
        `the cost ${describe(cost)} does not depend on ${describe(tensor)}`,
        {
          notes: [`${describe(tensor)} was made at ${tensor.site.toString()}`],
          hint: 'leave it out of wrt, or pass { disconnectedInputs: "ignore" } to get zeros',
        },
      );
    return context.zeros(tensor);
  });
}
