/** Functions with gradients of the user's own. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { applyOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { blockOp } from "../ops/block-op.ts";
import type { OpRecord } from "../ops/record.ts";
import { matching, tensorsOf, type Matching } from "./derivatives.ts";
import { derivativeRules, type Pullback, type Pushforward } from "./derivative-rules.ts";
import { argumentLike, closedBlock } from "./user-blocks.ts";

/** A tensor as a list of one. */
export type ListOf<R extends Tensor | readonly Tensor[]> = R extends readonly Tensor[]
  ? R
  : readonly [Extract<R, Tensor>];

export interface CustomGradSpec<I extends readonly Tensor[], R extends Tensor | readonly Tensor[]> {
  /** How graphs and messages call it. */
  readonly name: string;
  /** Builds the value from the arguments. */
  readonly forward: (...inputs: I) => R;
  /** The cotangents of the arguments from those of the results, a list or a single tensor; null where no gradient passes. */
  readonly pullback: Pullback<I, ListOf<R>>;
  /** The tangents of the results from those of the arguments. Without it, `jvp` throws NO_JVP. */
  readonly pushforward?: Pushforward<I, ListOf<R>>;
  /** A value at which value and rules are finite: what padded rows of masked scans compute with. Default: 0.5. */
  readonly safeInput?: number;
}

const names = ["name", "forward", "pullback", "pushforward", "safeInput"];

/**
 * A function of tensors whose gradient is what `pullback` says. The rules are graphs again: they compile, work in steps of scans, and are
 * differentiated for higher orders. All three functions see their arguments only; a tensor from outside is refused.
 * @example
 * const roundThrough = customGrad({
 *   name: "roundThrough",
 *   forward: (x: Tensor) => round(x),
 *   pullback: ({ cotangents: [g] }) => g,
 * });
 * @throws ArgumentError CUSTOM_GRAD_OPTION; of a call OP_ARGUMENTS, NOT_A_TENSOR, OP_RESULT, OP_CAPTURE; of a derivative OP_RULE_COUNT;
 *   ShapeError OP_RULE_SHAPE; GradientError NO_JVP
 */
export function customGrad<
  const I extends readonly Tensor[],
  const R extends Tensor | readonly Tensor[],
>(spec: CustomGradSpec<I, R>): (...inputs: I) => Matching<R>;
export function customGrad(
  spec: CustomGradSpec<readonly Tensor[], Tensor | readonly Tensor[]>,
): (...inputs: readonly Tensor[]) => unknown {
  checkSpec(spec);
  const label = `customGrad "${spec.name}"`;
  const rules = derivativeRules(label, spec.pullback, spec.pushforward);
  const records = new Map<number, OpRecord<null>>();
  const recordFor = (count: number): OpRecord<null> => {
    const safeInputs = Array.from({ length: count }, () => spec.safeInput ?? 0.5);
    const known = records.get(count) ?? blockOp({ name: spec.name, safeInputs, ...rules });
    records.set(count, known);
    return known;
  };
  return (...given) => {
    const inputs = tensorsOf(label, "argument", given);
    requireCount(label, inputs.length, spec.forward.length);
    const args = inputs.map((x) => argumentLike(label, x));
    let returned: Tensor | readonly Tensor[] = [];
    const block = closedBlock(label, args, () => (returned = spec.forward(...args)));
    return matching(returned, applyOp(recordFor(inputs.length), inputs, null, [block]));
  };
}

/** @throws ArgumentError OP_ARGUMENTS where there are fewer arguments than the function declares */
function requireCount(label: string, count: number, least: number): void {
  if (count >= least && count > 0) return;
  const wanted = Math.max(1, least);
  throw new ArgumentError(
    "OP_ARGUMENTS",
    `${label} takes ${wanted} ${wanted === 1 ? "tensor" : "tensors"}, ${count} ${count === 1 ? "was" : "were"} given`,
    { hint: "give one for each parameter of its forward function" },
  );
}

function checkSpec(spec: CustomGradSpec<readonly Tensor[], Tensor | readonly Tensor[]>): void {
  const unknown = unknownOption(spec, names);
  if (unknown !== undefined)
    throw new ArgumentError("CUSTOM_GRAD_OPTION", `customGrad ${unknown.problem}`, unknown);
  const name: unknown = spec.name;
  if (typeof name !== "string" || name === "")
    throw new ArgumentError("CUSTOM_GRAD_OPTION", "customGrad has no name", {
      hint: 'messages and graphs call it so: name: "swish"',
    });
  for (const key of ["forward", "pullback", "pushforward"] as const) {
    const value: unknown = spec[key];
    if (typeof value === "function" || (value === undefined && key === "pushforward")) continue;
    throw new ArgumentError("CUSTOM_GRAD_OPTION", `customGrad "${name}": ${key} is no function`, {
      hint: "forward and pullback are functions that build graphs; pushforward may be left out",
    });
  }
  const { safeInput = 0.5 } = spec;
  if (!Number.isFinite(safeInput))
    throw new ArgumentError(
      "CUSTOM_GRAD_OPTION",
      `customGrad "${name}": safeInput is ${String(safeInput)}`,
      {
        hint: "give a number at which value and rules are finite",
      },
    );
}
