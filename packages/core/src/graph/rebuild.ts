/** Copies of graphs with some tensors replaced. */
import { applyOp, ownerOf, type Apply, type Block } from "./op.ts";
import { withSite } from "./site.ts";
import { Tensor } from "./tensor.ts";
import { toposort } from "./walk.ts";

/** How `rebuild` makes the copy of an application from its new inputs. */
export type Remake = (apply: Apply, inputs: readonly Tensor[]) => readonly Tensor[];

const remakeAsIs: Remake = (apply, inputs) => withParts(apply, inputs, apply.blocks);

/** The results of an application with these inputs and blocks; its own where nothing changed. */
export function withParts(
  apply: Apply,
  inputs: readonly Tensor[],
  blocks: readonly Block[],
): readonly Tensor[] {
  const isSame =
    inputs.every((input, i) => input === apply.inputs[i]) &&
    blocks.every((block, i) =>
      block.outputs.every((output, k) => output === apply.blocks[i]?.outputs[k]),
    );
  if (isSame) return apply.outputs;
  const names = apply.outputs.map((output) => output.name);
  return applyOp(apply.op, inputs, apply.params, blocks, names);
}

/**
 * The outputs with tensors replaced as `replaced` says (keys are replaced once, replacements are not searched).
 * What does not depend on a replaced tensor is shared, not copied. `replaced` receives every new tensor.
 * `order` spares the walk where the caller has made it.
 */
export function rebuild(
  outputs: readonly Tensor[],
  replaced: Map<Tensor, Tensor>,
  remake: Remake = remakeAsIs,
  order: readonly Apply[] = toposort(outputs, new Set(replaced.keys())),
): Tensor[] {
  const at = (tensor: Tensor): Tensor => replaced.get(tensor) ?? tensor;
  for (const apply of order) {
    const inputs = apply.inputs.map(at);
    if (remake === remakeAsIs && inputs.every((input, i) => input === apply.inputs[i])) continue;
    const fresh = withSite(apply.site, () => remake(apply, inputs));
    for (const [i, output] of apply.outputs.entries()) {
      const copy = fresh[i];
      if (copy !== undefined && copy !== output && !replaced.has(output))
        replaced.set(output, copy);
    }
  }
  return outputs.map(at);
}

/** A fresh input of the same type and name. */
export function freshLike(tensor: Tensor, name = tensor.name): Tensor {
  return withSite(tensor.site, () => new Tensor(tensor.type, { kind: "input" }, name));
}

/** The outputs of a block with its inputs bound to `args`. */
export function inlineBlock(block: Block, args: readonly Tensor[]): Tensor[] {
  const replaced = new Map<Tensor, Tensor>();
  for (const [i, input] of block.inputs.entries()) {
    const arg = args[i];
    if (arg !== undefined) replaced.set(input, arg);
  }
  return rebuild(block.outputs, replaced);
}

/** The application behind a result, when it applies `op`. */
export function applicationOf<P>(
  tensor: Tensor,
  op: {
    readonly name: string;
    infer(inputs: readonly Tensor[], params: P, blocks: readonly Block[]): unknown;
  },
): Apply<P> | undefined {
  const apply = ownerOf(tensor);
  return apply?.op === op ? (apply as Apply<P>) : undefined;
}
