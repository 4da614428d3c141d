/** Results and their gradients in one case. */
import { add, grad, sqr, sum, type Tensor } from "@scan-train/core";
import type { Built } from "../case.ts";

/** The outputs, and the gradients of the sum of their squares. */
export function withGradients(
  inputs: Built["inputs"],
  outputs: Readonly<Record<string, Tensor>>,
  wrt: readonly Tensor[],
): Built {
  const cost = Object.values(outputs)
    .filter(({ dtype }) => dtype === "float32" || dtype === "float64")
    .map((y): Tensor => sum(sqr(y)))
    .reduce((a, b) => add(a, b));
  const slopes = grad(cost, [...wrt], { disconnectedInputs: "ignore" });
  const named = slopes.map((slope, i) => [`gradient ${i}`, slope] as const);
  return { inputs, outputs: { ...outputs, ...Object.fromEntries(named) } };
}
