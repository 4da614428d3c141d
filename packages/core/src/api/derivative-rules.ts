/** Derivatives that the user writes: run over fresh tensors, closed, and held to the types of what they belong to. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { Apply, SizeCheck } from "../graph/op.ts";
import { inlineBlock } from "../graph/rebuild.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import type { DerivativeRules } from "../ops/block-op.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";
import { argumentLike, closedResults } from "./user-blocks.ts";

/** What a pullback receives: one cotangent for each output, of its shape and dtype. */
export interface PullbackArguments<I extends readonly Tensor[], O extends readonly Tensor[]> {
  readonly inputs: I;
  readonly outputs: O;
  readonly cotangents: O;
}

/** What a pushforward receives: one tangent for each input, of its shape and dtype. */
export interface PushforwardArguments<I extends readonly Tensor[], O extends readonly Tensor[]> {
  readonly inputs: I;
  readonly outputs: O;
  readonly tangents: I;
}

/** Theano's `L_op`: the cotangents of the inputs, null where no gradient passes. */
export type Pullback<I extends readonly Tensor[], O extends readonly Tensor[]> = (
  args: PullbackArguments<I, O>,
) => Tensor | null | readonly (Tensor | null)[];

/** Theano's `R_op`: the tangents of the outputs, null where there are none. */
export type Pushforward<I extends readonly Tensor[], O extends readonly Tensor[]> = (
  args: PushforwardArguments<I, O>,
) => Tensor | null | readonly (Tensor | null)[];

/** The user's rules as the op wants them. */
export function derivativeRules(
  label: string,
  pullback: Pullback<never, never> | undefined,
  pushforward: Pushforward<never, never> | undefined,
): DerivativeRules {
  return {
    ...(pullback && {
      pullback: (apply, given) => {
        const what = `the pullback of ${label}`;
        return bound(what, apply, given, apply.inputs, (inputs, outputs, cotangents) =>
          pullback({ inputs, outputs, cotangents } as never),
        );
      },
    }),
    ...(pushforward && {
      pushforward: (apply, given) => {
        const what = `the pushforward of ${label}`;
        return bound(what, apply, given, apply.outputs, (inputs, outputs, tangents) =>
          pushforward({ inputs, outputs, tangents } as never),
        );
      },
    }),
  };
}

type Rule = (
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  directions: readonly Tensor[],
) => unknown;

/** Runs the rule over fresh tensors, checks its results against `targets`, and puts the tensors of the application in place. */
function bound(
  what: string,
  apply: Apply<null>,
  given: readonly Tensor[],
  targets: readonly Tensor[],
  rule: Rule,
): (Tensor | undefined)[] {
  const fresh = (tensors: readonly Tensor[]): Tensor[] => tensors.map((x) => argumentLike(what, x));
  const [inputs, outputs, directions] = [fresh(apply.inputs), fresh(apply.outputs), fresh(given)];
  const args = [...inputs, ...outputs, ...directions];
  const results = closedResults(what, args, () => rule(inputs, outputs, directions), true);
  if (results.length !== targets.length)
    throw new ArgumentError(
      "OP_RULE_COUNT",
      `${what} returns ${results.length} ${results.length === 1 ? "tensor" : "tensors"} for ${targets.length}: ${targets.map(describe).join(", ")}`,
      { notes: usedAt(apply), hint: "return one for each, null where nothing passes" },
    );
  const fitted = results.map((result, i) => fit(what, apply, i, result, targets[i]));
  const found = fitted.filter((x) => x !== undefined);
  const outer = [...apply.inputs, ...apply.outputs, ...given];
  const made = inlineBlock({ inputs: args, outputs: found }, outer);
  let next = 0;
  return fitted.map((x) => (x === undefined ? undefined : made[next++]));
}

const usedAt = (apply: Apply<null>): string[] => [`used at ${apply.site.toString()}`];

/** @throws ShapeError OP_RULE_SHAPE */
function fit(
  what: string,
  apply: Apply<null>,
  place: number,
  result: Tensor | undefined,
  target: Tensor | undefined,
): Tensor | undefined {
  if (result === undefined || target === undefined || !isFloating(target.dtype)) return undefined;
  const message = `${what} returns ${printType(result.type)} for ${describe(target)} ${printType(target.type)}`;
  const hint = `entry ${place} has the shape and dtype of its tensor: sum over axes that were stretched`;
  const checks = target.shape.flatMap((x, axis): SizeCheck[] => {
    const y = result.shape[axis] ?? x;
    return x.equals(y) ? [] : [{ x, relation: "equal", y, message, hint }];
  });
  const differs = checks.some(({ x, y }) => x.constant !== undefined && y.constant !== undefined);
  if (result.rank !== target.rank || result.dtype !== target.dtype || differs)
    throw new ShapeError("OP_RULE_SHAPE", message, { notes: usedAt(apply), hint });
  return assertSizes(result, target.shape, checks);
}
