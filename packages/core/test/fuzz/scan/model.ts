/** The step that random scans run, on all sequences or on one, and what is asked of its results. */
import { add, grad, index, jvp, mul, scan, sqr, sum, tanh, tensor } from "../../../src/index.ts";
import type { Tensor } from "../../../src/index.ts";
import { batch, type Plan } from "./plan.ts";

export interface Model {
  readonly x: Tensor;
  /** Three past values, the oldest first. */
  readonly initial: Tensor;
  readonly w: Tensor;
}

/** What a scan, or the loop written out, gives. */
export interface Results {
  readonly h: Tensor;
  readonly y: Tensor;
  readonly finalH: Tensor;
  readonly finalY: Tensor;
}
/** `memory`: the budget of the scan. */
export type Build = (plan: Plan, model: Model, memory?: number) => Results;

export function makeModel({ rows, dtype }: Plan): Model {
  const make = (name: string, shape: readonly (number | string)[]): Tensor =>
    tensor(name, { shape, dtype });
  return {
    x: make("x", rows === 0 ? [0, batch] : ["T", batch]),
    initial: make("initial", [3, batch]),
    w: make("w", []),
  };
}

/** One step: elementwise, so that it serves one sequence and all of them. `nested` spreads it over a scan of two steps. */
export function advance(
  { w }: Pick<Model, "w">,
  xs: readonly Tensor[],
  hs: readonly Tensor[],
  nested: "scan" | "written out" | undefined,
): { readonly h: Tensor; readonly y: Tensor } {
  const fromX = xs.map((x, k): Tensor => x.mul(0.5 + 0.3 * k)).reduce((a, b) => a.add(b));
  const fromH = hs.map((h, k): Tensor => h.mul(0.7 - 0.4 * k)).reduce((a, b) => a.add(b));
  const once = (h: Tensor): Tensor => tanh(fromX.add(h.mul(w)));
  const h =
    nested === undefined
      ? once(fromH)
      : nested === "written out"
        ? once(once(fromH))
        : scan(once, { outputsInfo: fromH, nSteps: 2 }).final;
  return { h, y: h.mul(xs[0] ?? h).add(w.div(fromX.add(2))) };
}

/** The condition that ends a sequence. */
export const exceeds = (h: Tensor, limit: number): Tensor<"bool"> => h.gt(limit);

const cost = ({ h, y, finalH, finalY }: Results): Tensor =>
  add(add(sum(sqr(h).mul(0.5)), sum(mul(y, 0.3))), add(sum(sqr(finalH)), sum(finalY.mul(1.5))));

/** Values, gradients in everything, gradients of a function of these gradients, and the change along a direction. */
export function allResults(plan: Plan, model: Model, build: Build, memory?: number): Tensor[] {
  const results = build(plan, model, memory);
  const wrt = [model.x, model.initial, model.w];
  const ignore = { disconnectedInputs: "ignore" } as const;
  const first = grad(cost(results), wrt, ignore);
  const again = first.map((g) => sum(sqr(g))).reduce((a, b) => a.add(b));
  const second = grad(again, wrt, ignore);
  const along = jvp(cost(results), wrt, wrt);
  return [results.h, results.y, results.finalH, results.finalY, ...first, ...second, along];
}

/** Names of `allResults`, for messages. */
export const resultNames = [
  "h",
  "y",
  "final h",
  "final y",
  "dx",
  "dinitial",
  "dw",
  "ddx",
  "ddinitial",
  "ddw",
  "along",
];

/** The state that a scan with these taps begins with: the last rows of `initial`. */
export function initialState(
  { stateTaps }: Plan,
  { initial: past }: Model,
): Tensor | { readonly initial: Tensor; readonly taps: readonly number[] } {
  if (stateTaps.join() === "-1") return index(past, -1);
  return { initial: index(past, { start: Math.min(...stateTaps) }), taps: stateTaps };
}
