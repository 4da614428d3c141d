/**
 * One computation written in two ways: exactly as it is defined, and in an order that is faster and rounds differently. Derivatives are
 * those of each way. `numerics` says which one runs; the reference evaluation takes the first.
 */
import { InternalError } from "../errors/errors.ts";
import { applyOp, type Apply, type Block, type GradientContext } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { present } from "./arity.ts";
import { deriveBlock, onlyBlock, type Derive } from "./block-op.ts";
import { defineRecord, type OpRecord } from "./record.ts";

/** Blocks: as it is defined, and fast. */
export const alternativesOp: OpRecord<null> = defineRecord<null>({
  name: "alternatives",
  infer: (_inputs, _params, blocks) => ({
    types: onlyBlock("alternatives", blocks).outputs.map(({ type }) => type),
  }),
  reference: (inputs, _params, context, blocks) =>
    context.block(onlyBlock("alternatives", blocks), inputs),
  vjp: (context, apply, cotangents) =>
    bothWays(
      context,
      apply,
      cotangents,
      (args, outputs, given) => context.pullback(outputs, given, args),
      (args) => args,
    ),
  jvp: (context, apply, tangents) =>
    bothWays(
      context,
      apply,
      tangents,
      (args, outputs, given) => context.pushforward(outputs, args, given),
      (_args, outputs) => outputs,
    ),
  lowering: { kind: "block", hasRules: false },
  cost: "expensive",
});

/**
 * The derivative of both ways as two ways again; `given` are directions of outputs or inputs, undefined where zero. `likeOf` says which
 * tensors the derivatives are like.
 */
function bothWays(
  context: GradientContext,
  { inputs, blocks }: Apply<null>,
  given: readonly (Tensor | undefined)[],
  derive: Derive,
  likeOf: (args: readonly Tensor[], outputs: readonly Tensor[]) => readonly Tensor[],
): (Tensor | undefined)[] {
  const ways = blocks.map((block) => deriveBlock(block, given, derive));
  const [first] = ways;
  if (first === undefined) throw new InternalError("alternatives without a way");
  const isWanted = first.derived.map((_, i) => ways.some((way) => way.derived[i] !== undefined));
  const made = ways.map(({ args, directions, outputs, derived }): Block => {
    const like = likeOf(args, outputs);
    return {
      inputs: [...args, ...present(directions)],
      outputs: derived.flatMap((x, i) => {
        const shape = like[i];
        return isWanted[i] === true && shape !== undefined ? [x ?? context.zeros(shape)] : [];
      }),
    };
  });
  if (!isWanted.includes(true)) return [];
  const outer = present(given.filter((_, i) => first.directions[i] !== undefined));
  const results = applyOp(alternativesOp, [...inputs, ...outer], null, made);
  let next = 0;
  return isWanted.map((wanted) => (wanted ? results[next++] : undefined));
}
