/** A wall for gradients. */
import { unary } from "./constructors.ts";
import { noGradient } from "./elementwise.ts";

/** `x` as a constant to every derivative. */
export const stopGradient = unary("stopGradient", {
  reference: (x) => x,
  scalar: (x) => x,
  partials: noGradient,
});
