/** The few primitives that differentiation itself needs; the layer above supplies them, so that autodiff knows no op. */
import type { GradientContext } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { pullback } from "./pullback.ts";
import { pushforward } from "./pushforward.ts";

export interface Primitives {
  readonly add: (x: Tensor, y: Tensor) => Tensor;
  readonly zeros: (like: Tensor) => Tensor;
}

/** The context that gradient rules receive. */
export function gradientContext(primitives: Primitives): GradientContext {
  const context: GradientContext = {
    ...primitives,
    pullback: (outputs, cotangents, wrt) => pullback(context, outputs, cotangents, wrt),
    pushforward: (outputs, wrt, tangents) => pushforward(context, outputs, wrt, tangents),
  };
  return context;
}
