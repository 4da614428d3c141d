/** Optimisers in the user's words: pure builders of updates, clipping, schedules. */
export type { Update } from "./api/scan/types.ts";
export {
  adagrad,
  adam,
  adamw,
  rmsprop,
  type AdagradOptions,
  type AdamOptions,
  type AdamWOptions,
  type RmspropOptions,
} from "./optim/adaptive.ts";
export { clipGradients, globalNorm } from "./optim/clip.ts";
export { momentum, nesterov, sgd, type MomentumOptions } from "./optim/descent.ts";
export type { Optimizer, OptimizerOptions, UpdatesOptions } from "./optim/optimizer.ts";
export {
  constant,
  cosine,
  exponential,
  linear,
  warmup,
  type DecayOptions,
  type ExponentialOptions,
  type Schedule,
} from "./optim/schedules.ts";
