/** Optimisers with a rate for each element. */
import type { Tensor } from "../graph/tensor.ts";
import { add, div, mul, sqr, sqrt, sub } from "../ops/arithmetic.ts";
import { cast } from "../ops/cast.ts";
import {
  checkOptimizer,
  makeOptimizer,
  requireOption,
  type MakeRule,
  type Optimizer,
  type OptimizerOptions,
} from "./optimizer.ts";

export interface RmspropOptions extends OptimizerOptions {
  /** How much of the mean square stays, in [0, 1). Default: 0.9. */
  readonly decay?: number;
  /** Default: 1e-8. */
  readonly epsilon?: number;
}

/** v = decay v + (1 - decay) g²; p - rate g / (sqrt(v) + epsilon) (Tieleman & Hinton 2012). @throws ArgumentError OPTIM_OPTION */
export function rmsprop(options: RmspropOptions): Optimizer {
  checkOptimizer("rmsprop", options, ["decay", "epsilon"]);
  const { decay = 0.9, epsilon = 1e-8 } = options;
  requireOption("rmsprop", "decay", decay, 0, 1);
  requireOption("rmsprop", "epsilon", epsilon, 0, Infinity);
  return makeOptimizer("rmsprop", options, (rate) => ({ parameter, gradient, keep }) => {
    const square = keep("square", (v) => average(v, sqr(gradient), decay));
    return descend(parameter, gradient, add(sqrt(square), epsilon), rate);
  });
}

export interface AdagradOptions extends OptimizerOptions {
  /** Default: 1e-10. */
  readonly epsilon?: number;
}

/** v = v + g²; p - rate g / (sqrt(v) + epsilon) (Duchi et al. 2011). @throws ArgumentError OPTIM_OPTION */
export function adagrad(options: AdagradOptions): Optimizer {
  checkOptimizer("adagrad", options, ["epsilon"]);
  const { epsilon = 1e-10 } = options;
  requireOption("adagrad", "epsilon", epsilon, 0, Infinity);
  return makeOptimizer("adagrad", options, (rate) => ({ parameter, gradient, keep }) => {
    const square = keep("square", (v) => add(v, sqr(gradient)));
    return descend(parameter, gradient, add(sqrt(square), epsilon), rate);
  });
}

export interface AdamOptions extends OptimizerOptions {
  /** How much of the mean stays, in [0, 1). Default: 0.9. */
  readonly beta1?: number;
  /** How much of the mean square stays, in [0, 1). Default: 0.999. */
  readonly beta2?: number;
  /** Default: 1e-8. */
  readonly epsilon?: number;
}

const ofAdam: readonly (keyof AdamOptions)[] = ["beta1", "beta2", "epsilon"];

/**
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²;
 * p - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) (Kingma & Ba 2015, algorithm 1).
 * @example const optimizer = adam({ learningRate: 3e-3, clipNorm: 1 });
 * const updates = optimizer.updates(params, grad(cost, params));
 * @throws ArgumentError OPTIM_OPTION
 */
export function adam(options: AdamOptions): Optimizer {
  checkOptimizer("adam", options, ofAdam);
  return makeOptimizer("adam", options, adamRule("adam", options, 0));
}

export interface AdamWOptions extends AdamOptions {
  /** Times the rate: the part of each parameter that an update takes away. Default: 0.01. */
  readonly weightDecay?: number;
}

/** Adam on p (1 - rate weightDecay) (Loshchilov & Hutter 2019; as in PyTorch). @throws ArgumentError OPTIM_OPTION */
export function adamw(options: AdamWOptions): Optimizer {
  checkOptimizer("adamw", options, [...ofAdam, "weightDecay"]);
  const { weightDecay = 0.01 } = options;
  requireOption("adamw", "weightDecay", weightDecay, 0, Infinity);
  return makeOptimizer("adamw", options, adamRule("adamw", options, weightDecay));
}

/** The powers of the betas are running products kept as state: no pow, and exact after a resume. */
function adamRule(
  name: string,
  { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
  weightDecay: number,
): MakeRule {
  requireOption(name, "beta1", beta1, 0, 1);
  requireOption(name, "beta2", beta2, 0, 1);
  requireOption(name, "epsilon", epsilon, 0, Infinity);
  return (rate, keepScalar) => {
    const power1 = keepScalar("beta1Power", 1, (power) => mul(power, beta1));
    const power2 = keepScalar("beta2Power", 1, (power) => mul(power, beta2));
    const meanRate = div(rate, sub(1, power1));
    const rootScale = div(1, sqrt(sub(1, power2)));
    return ({ parameter, gradient, keep }) => {
      const mean = keep("mean", (m) => average(m, gradient, beta1));
      const square = keep("square", (v) => average(v, sqr(gradient), beta2));
      const root = mul(sqrt(square), cast(rootScale, parameter.dtype));
      const left =
        weightDecay === 0
          ? parameter
          : mul(parameter, cast(sub(1, mul(rate, weightDecay)), parameter.dtype));
      return descend(left, mean, add(root, epsilon), meanRate);
    };
  };
}

/** A running mean of which `kept` stays. */
function average(old: Tensor, value: Tensor, kept: number): Tensor {
  return add(mul(old, kept), mul(value, 1 - kept));
}

function descend(parameter: Tensor, direction: Tensor, scale: Tensor, rate: Tensor): Tensor {
  return sub(parameter, div(mul(direction, cast(rate, parameter.dtype)), scale));
}
