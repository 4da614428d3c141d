/**
 * One computation written in two ways: exactly as it is defined, and in an order that is faster and rounds differently. Derivatives are
 * those of each way. `numerics` says which one runs; the reference evaluation takes the first.
 */
import { InternalError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import { applyOp, type Apply, type Block, type GradientContext } from "../graph/op.ts";
import { freshLike, inlineBlock } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { onlyBlock } from "./block-op.ts";
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
    derived(
      context,
      apply,
      cotangents,
      (args, outputs, given) => context.pullback(outputs, given, args),
      (args) => args,
    ),
  jvp: (context, apply, tangents) =>
    derived(
      context,
      apply,
      tangents,
      (args, outputs, given) => context.pushforward(outputs, args, given),
      (_args, outputs) => outputs,
    ),
  lowering: { kind: "block", hasRules: false },
  cost: "expensive",
});

type Derive = (
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  given: readonly (Tensor | undefined)[],
) => readonly (Tensor | undefined)[];

/**
 * The derivative of both ways as two ways again; `given` are directions of outputs or inputs, undefined where zero. `likeOf` says which
 * tensors the derivatives are like.
 */
function derived(
  context: GradientContext,
  { inputs, blocks }: Apply<null>,
  given: readonly (Tensor | undefined)[],
  derive: Derive,
  likeOf: (args: readonly Tensor[], outputs: readonly Tensor[]) => readonly Tensor[],
): (Tensor | undefined)[] {
  const ways = blocks.map((block) => {
    const args = block.inputs.map((input) => freshLike(input));
    const directions = given.map((d) =>
      d === undefined || !isFloating(d.dtype) ? undefined : freshLike(d),
    );
    const outputs = inlineBlock(block, args);
    return { args, directions, outputs, found: derive(args, outputs, directions) };
  });
  const [first] = ways;
  if (first === undefined) throw new InternalError("alternatives without a way");
  const isWanted = first.found.map((_, i) => ways.some(({ found }) => found[i] !== undefined));
  const made = ways.map(({ args, directions, outputs, found }): Block => {
    const like = likeOf(args, outputs);
    return {
      inputs: [...args, ...directions.filter((d) => d !== undefined)],
      outputs: found.flatMap((x, i) => {
        const shape = like[i];
        return isWanted[i] === true && shape !== undefined ? [x ?? context.zeros(shape)] : [];
      }),
    };
  });
  if (!isWanted.includes(true)) return [];
  const outer = given.filter((d, i) => d !== undefined && first.directions[i] !== undefined);
  const results = applyOp(
    alternativesOp,
    [...inputs, ...outer.filter((d) => d !== undefined)],
    null,
    made,
  );
  let next = 0;
  return isWanted.map((wanted) => (wanted ? results[next++] : undefined));
}
