/** Descent along the gradient, plain and with momentum. */
import type { Update } from "../api/scan/types.ts";
import type { Shared } from "../api/shared.ts";
import { ArgumentError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import {
  checkGradients,
  checkOptimizer,
  makeOptimizer,
  requireOption,
  type Optimizer,
  type OptimizerOptions,
} from "./optimizer.ts";

/**
 * Plain gradient descent, p - rate g: as updates at once, or as an optimiser.
 * @example const train = await compile({ inputs: { x }, updates: sgd(params, grad(cost, params), 0.1) });
 * @throws ArgumentError OPTIM_COUNT, OPTIM_OPTION; ShapeError OPTIM_GRADIENT
 */
export function sgd(
  parameters: readonly Shared[],
  gradients: readonly Tensor[],
  learningRate: number | Tensor,
): Update[];
export function sgd(options: OptimizerOptions): Optimizer;
export function sgd(
  first: readonly Shared[] | OptimizerOptions,
  gradients: readonly Tensor[] = [],
  learningRate?: number | Tensor,
): Update[] | Optimizer {
  if (!isList(first)) {
    checkOptimizer("sgd", first, []);
    return makeOptimizer("sgd", first, (rate) => ({ parameter, gradient }) => {
      return sub(parameter, mul(gradient, cast(rate, parameter.dtype)));
    });
  }
  checkGradients("sgd", first, gradients);
  if (learningRate === undefined)
    throw new ArgumentError("OPTIM_OPTION", "sgd: there is no learning rate", {
      hint: "sgd(parameters, gradients, 0.1)",
    });
  return sgd({ learningRate }).updates(first, gradients);
}

const isList = (x: readonly Shared[] | OptimizerOptions): x is readonly Shared[] =>
  Array.isArray(x);

export interface MomentumOptions extends OptimizerOptions {
  /** How much of the velocity stays, in [0, 1). Default: 0.9. */
  readonly momentum?: number;
}

/** v = momentum v + g; p - rate v (Polyak 1964; as in PyTorch, the rate is outside the velocity). @throws ArgumentError OPTIM_OPTION */
export function momentum(options: MomentumOptions): Optimizer {
  checkOptimizer("momentum", options, ["momentum"]);
  const kept = options.momentum ?? 0.9;
  requireOption("momentum", "momentum", kept, 0, 1);
  return makeOptimizer("momentum", options, (rate) => ({ parameter, gradient, keep }) => {
    const velocity = keep("velocity", (v) => add(mul(v, kept), gradient));
    return sub(parameter, mul(velocity, cast(rate, parameter.dtype)));
  });
}

/** v = momentum v + g; p - rate (g + momentum v) (Nesterov 1983, in the form of Sutskever et al. 2013). @throws ArgumentError OPTIM_OPTION */
export function nesterov(options: MomentumOptions): Optimizer {
  checkOptimizer("nesterov", options, ["momentum"]);
  const kept = options.momentum ?? 0.9;
  requireOption("nesterov", "momentum", kept, 0, 1);
  return makeOptimizer("nesterov", options, (rate) => ({ parameter, gradient, keep }) => {
    const velocity = keep("velocity", (v) => add(mul(v, kept), gradient));
    const ahead = add(gradient, mul(velocity, kept));
    return sub(parameter, mul(ahead, cast(rate, parameter.dtype)));
  });
}
