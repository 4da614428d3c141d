/** Applying operations. */
import { currentSite } from "./site.ts";
import { Tensor, type Apply, type Block, type Op } from "./tensor.ts";

export type {
  Apply,
  Block,
  GradientContext,
  Inferred,
  Op,
  ReferenceContext,
  SizeCheck,
} from "./tensor.ts";

/** Applies an op: infers the types of the results, or throws what is wrong. */
export function applyOp<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
  blocks: readonly Block[] = [],
  names: readonly (string | undefined)[] = [],
): readonly Tensor[] {
  const { types, checks = [] } = op.infer(inputs, params, blocks);
  const outputs: Tensor[] = [];
  const apply: Apply<P> = { op, inputs, params, blocks, outputs, checks, site: currentSite() };
  for (const [output, type] of types.entries())
    outputs.push(new Tensor(type, { kind: "apply", apply, output }, names[output]));
  return outputs;
}

/** `applyOp` for ops with one result. */
export function applyOne<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
  blocks: readonly Block[] = [],
): Tensor {
  const [output] = applyOp(op, inputs, params, blocks);
  if (output === undefined) throw new Error(`op ${op.name} has no result`);
  return output;
}

/** The application that computes `tensor`, if one does. */
export function ownerOf(tensor: Tensor): Apply | undefined {
  return tensor.origin.kind === "apply" ? tensor.origin.apply : undefined;
}
