/** Gradients, by one reverse walk. The api binds the primitives: users see `grad(cost, wrt)`. */
import { GradientError, ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { GradientContext } from "../graph/op.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { pullback, type Walls } from "./pullback.ts";

/** What is differentiated, and the cotangent that it begins with. */
export interface Seed {
  readonly tensor: Tensor;
  readonly cotangent: Tensor;
  /** How messages call it. Default: the cost. */
  readonly role?: string;
}

/** What the walk is told beside what to differentiate. */
export interface GradRequest extends Partial<Walls> {
  /** Called for each floating tensor without a path; throws by default. */
  readonly onDisconnected?: (error: GradientError) => void;
}

/**
 * Cotangents of `wrt`; undefined where there is no path. Without a seed, the known gradients are all there is.
 * Integers pass no gradient, which is no fault.
 * @throws GradientError GRAD_DISCONNECTED when there is no path
 */
export function findGradients(
  context: GradientContext,
  seed: Seed | undefined,
  wrt: readonly Tensor[],
  request: GradRequest = {},
): (Tensor | undefined)[] {
  const { constants = new Set(), known = new Map<Tensor, Tensor>(), onDisconnected } = request;
  const isDiscrete = seed !== undefined && !isFloating(seed.tensor.dtype);
  const seeds = seed === undefined || isDiscrete ? [] : [seed];
  const outputs = seeds.map(({ tensor }) => tensor);
  const cotangents = seeds.map(({ cotangent }) => cotangent);
  const found = pullback(context, outputs, cotangents, wrt, { constants, known });
  for (const [i, tensor] of wrt.entries()) {
    if (found[i] !== undefined || isDiscrete || !isFloating(tensor.dtype)) continue;
    const error = disconnected(seed, tensor);
    if (onDisconnected === undefined) throw error;
    onDisconnected(error);
  }
  return found;
}

/**
 * Gradients of the scalar `cost` in each tensor of `wrt`, `one` being its own; zeros where there is no path.
 * @throws ShapeError GRAD_COST_RANK when the cost is not a scalar; GradientError GRAD_DISCONNECTED when there is no path
 */
export function gradients(
  context: GradientContext,
  cost: Tensor,
  one: Tensor,
  wrt: readonly Tensor[],
  request: GradRequest = {},
): Tensor[] {
  const found = findGradients(context, costSeed("grad", cost, one), wrt, request);
  return wrt.map((tensor, i) => found[i] ?? context.zeros(tensor));
}

/** @throws ShapeError GRAD_COST_RANK */
export function costSeed(what: string, cost: Tensor, one: Tensor): Seed {
  if (cost.rank === 0) return { tensor: cost, cotangent: one };
  throw new ShapeError(
    "GRAD_COST_RANK",
    `${what} needs a scalar cost, ${describe(cost)} is ${printType(cost.type)}`,
    { hint: `reduce it first: ${what}(sum(cost), ...) or ${what}(mean(cost), ...)` },
  );
}

function disconnected(seed: Seed | undefined, tensor: Tensor): GradientError {
  const source =
    seed === undefined
      ? "no tensor of knownGrads depends on"
      : `${seed.role ?? "the cost"} ${describe(seed.tensor)} does not depend on`;
  return new GradientError("GRAD_DISCONNECTED", `${source} ${describe(tensor)}`, {
    notes: [`${describe(tensor)} was made at ${tensor.site.toString()}`],
    hint: 'leave it out of wrt, or pass { disconnectedInputs: "ignore" } to get zeros',
  });
}
