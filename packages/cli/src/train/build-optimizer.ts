import { type Tensor, cast, mul } from "@scan-train/core";
import {
  type Optimizer,
  type Schedule,
  adagrad,
  adam,
  adamw,
  constant,
  linear,
  momentum,
  nesterov,
  rmsprop,
  sgd,
} from "@scan-train/core/optim";
import type { TrainingOptions } from "../run-folder/config.ts";

/** The part of the learning rate that the linear schedule ends with. */
const lastPart = 0.02;

/**
 * The update rule that the options name.
 *
 * @param steps updates of the whole run, over which a schedule falls
 * @param factor a scalar that the rate is multiplied with
 */
export function buildOptimizer(
  options: TrainingOptions,
  steps: number,
  factor?: Tensor,
): Optimizer {
  const { learningRate: rate, schedule, clip } = options;
  const falling = linear({ from: rate, to: rate * lastPart, steps });
  const common = {
    learningRate:
      factor === undefined
        ? schedule === "linear"
          ? falling
          : rate
        : times(schedule === "linear" ? falling : constant(rate), factor),
    ...(clip === null ? {} : { clipNorm: clip }),
  };
  switch (options.optimizer) {
    case "sgd":
      return sgd(common);
    case "momentum":
      return momentum(common);
    case "nesterov":
      return nesterov(common);
    case "rmsprop":
      return rmsprop(common);
    case "adagrad":
      return adagrad(common);
    case "adam":
      return adam(common);
    case "adamw":
      return adamw(common);
    default:
      return options.optimizer satisfies never;
  }
}

function times(rate: Schedule, factor: Tensor): Schedule {
  return (step, dtype = "float64") => mul(rate(step, dtype), cast(factor, dtype));
}
