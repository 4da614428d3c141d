/**
 * Ops made of other ops: an application holds its computation as a block. It has a name in the graph and, where wanted, derivatives of
 * its own; before lowering its block stands in its place.
 */
import { GradientError, InternalError } from "../errors/errors.ts";
import { isFloating } from "../graph/dtype.ts";
import type { Apply, Block } from "../graph/op.ts";
import { freshLike, inlineBlock } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { present } from "./arity.ts";
import { defineRecord, type OpRecord } from "./record.ts";

/** Derivatives in place of those of the block; all tensors that a rule needs are handed to it. */
export interface DerivativeRules {
  readonly pullback?: (
    apply: Apply<null>,
    cotangents: readonly Tensor[],
  ) => readonly (Tensor | undefined)[];
  readonly pushforward?: (
    apply: Apply<null>,
    tangents: readonly Tensor[],
  ) => readonly (Tensor | undefined)[];
}

export interface BlockOpSpec extends DerivativeRules {
  readonly name: string;
  /** For each input a value at which the op's own rule is finite: what padded rows of a masked step read. */
  readonly safeInputs?: readonly number[];
}

/** The record of an op made of other ops. */
export function blockOp(spec: BlockOpSpec): OpRecord<null> {
  const { name, pullback, pushforward, safeInputs } = spec;
  const hasRules = pullback !== undefined || pushforward !== undefined;
  return defineRecord<null>({
    name,
    infer: (_inputs, _params, blocks) => ({
      types: onlyBlock(name, blocks).outputs.map(({ type }) => type),
    }),
    reference: (inputs, _params, context, blocks) => context.block(onlyBlock(name, blocks), inputs),
    vjp(context, apply, cotangents) {
      if (pullback !== undefined)
        return pullback(
          apply,
          apply.outputs.map((y, i) => cotangents[i] ?? context.zeros(y)),
        );
      return throughBlock(apply, cotangents, (args, outputs, given) =>
        context.pullback(outputs, given, args),
      );
    },
    jvp(context, apply, tangents) {
      if (pushforward !== undefined)
        return pushforward(
          apply,
          apply.inputs.map((x, i) => tangents[i] ?? context.zeros(x)),
        );
      if (pullback !== undefined)
        throw new GradientError("NO_JVP", `op ${name} has no forward derivative rule`, {
          notes: [`used at ${apply.site.toString()}`],
          hint: "give it a pushforward beside its pullback, or use grad and vjp",
        });
      return throughBlock(apply, tangents, (args, outputs, given) =>
        context.pushforward(outputs, args, given),
      );
    },
    lowering: { kind: "block", hasRules },
    cost: "expensive",
    ...(safeInputs === undefined ? {} : { safeInputs }),
  });
}

/** The computation of an application that holds it as its block. */
export function onlyBlock(name: string, [block]: readonly Block[]): Block {
  if (block === undefined) throw new InternalError(`op ${name} has no block`);
  return block;
}

/** The pullback or pushforward of `outputs` made from `args`; `given` are directions of the one or the other, undefined where zero. */
export type Derive = (
  args: readonly Tensor[],
  outputs: readonly Tensor[],
  given: readonly (Tensor | undefined)[],
) => readonly (Tensor | undefined)[];

/** A derivative of a block, over inputs and directions of its own: those of an application may depend on each other. */
export interface DerivedBlock {
  readonly args: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** One for each direction that is given and of a floating dtype. */
  readonly directions: readonly (Tensor | undefined)[];
  readonly derived: readonly (Tensor | undefined)[];
}

export function deriveBlock(
  block: Block,
  given: readonly (Tensor | undefined)[],
  derive: Derive,
): DerivedBlock {
  const args = block.inputs.map((input) => freshLike(input));
  const directions = given.map((d) =>
    d === undefined || !isFloating(d.dtype) ? undefined : freshLike(d),
  );
  const outputs = inlineBlock(block, args);
  return { args, outputs, directions, derived: derive(args, outputs, directions) };
}

/** The derivative of an application through its block. */
function throughBlock(
  apply: Apply<null>,
  given: readonly (Tensor | undefined)[],
  derive: Derive,
): (Tensor | undefined)[] {
  const block = onlyBlock(apply.op.name, apply.blocks);
  const { args, directions, derived } = deriveBlock(block, given, derive);
  const outer = [...apply.inputs, ...given.filter((_, i) => directions[i] !== undefined)];
  const bound = inlineBlock(
    { inputs: [...args, ...present(directions)], outputs: present(derived) },
    present(outer),
  );
  let next = 0;
  return derived.map((x) => (x === undefined ? undefined : bound[next++]));
}
