import {
  type Optimizer,
  adagrad,
  adam,
  adamw,
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
 */
export function buildOptimizer(options: TrainingOptions, steps: number): Optimizer {
  const { learningRate: rate, schedule, clip } = options;
  const common = {
    learningRate: schedule === "linear" ? linear({ from: rate, to: rate * lastPart, steps }) : rate,
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
