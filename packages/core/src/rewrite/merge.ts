/** Applications that compute the same become one, also inside blocks. */
import { applyOp, type Apply, type Block } from "../graph/op.ts";
import { rebuild } from "../graph/rebuild.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { recordOf } from "../ops/record.ts";
import type { Pass } from "./pipeline.ts";

/** Numbers tensors so that equal numbers mean equal values. */
export class ValueNumbers {
  readonly #numbers = new Map<Tensor, string>();
  readonly #opIds = new Map<object, number>();

  /** Gives a tensor the number of another value. */
  set(tensor: Tensor, number: string): void {
    this.#numbers.set(tensor, number);
  }

  of(tensor: Tensor): string {
    const known = this.#numbers.get(tensor);
    if (known !== undefined) return known;
    const { origin } = tensor;
    const made =
      origin.kind === "constant" && tensor.rank === 0
        ? `${tensor.dtype} ${Object.is(origin.value.item(), -0) ? "-0" : origin.value.item()}`
        : `t${tensor.id}`;
    this.#numbers.set(tensor, made);
    return made;
  }

  /** The number that the results of an application share, from the numbers of its inputs. */
  ofApply(apply: Apply, inputs: readonly Tensor[] = apply.inputs): string {
    const id = this.#opIds.get(apply.op) ?? this.#opIds.size;
    this.#opIds.set(apply.op, id);
    const blocks = apply.blocks.map((block) => blockKey(block)).join(";");
    return `${id}(${JSON.stringify(apply.params)};${inputs.map((x) => this.of(x)).join(",")};${blocks})`;
  }
}

const blockKeys = new WeakMap<Block, string>();

/** The structure of a block, free of identities. */
function blockKey(block: Block): string {
  const known = blockKeys.get(block);
  if (known !== undefined) return known;
  const numbers = new ValueNumbers();
  for (const [i, input] of block.inputs.entries()) numbers.set(input, `i${i}`);
  const lines: string[] = [];
  for (const apply of toposort(block.outputs, new Set(block.inputs))) {
    const name = `n${lines.length}`;
    lines.push(`${apply.op.name}${numbers.ofApply(apply)}`);
    for (const [i, output] of apply.outputs.entries()) numbers.set(output, `${name}.${i}`);
  }
  const key = `${lines.join("\n")}\n${block.outputs.map((o) => numbers.of(o)).join(",")}`;
  blockKeys.set(block, key);
  return key;
}

export const merge: Pass = {
  name: "merge equal applications",
  run: (results) => mergeIn(results),
};

function mergeIn(results: readonly Tensor[]): Tensor[] {
  const numbers = new ValueNumbers();
  const known = new Map<string, readonly Tensor[]>();
  return rebuild(results, new Map(), (apply, inputs) => {
    const blocks = apply.blocks.map(mergeBlock);
    const changed =
      blocks.some((b, i) => b !== apply.blocks[i]) || inputs.some((x, i) => x !== apply.inputs[i]);
    const now: Apply = { ...apply, blocks, inputs };
    if (recordOf(apply).effectful === true)
      return changed ? applyOp(apply.op, inputs, apply.params, blocks) : apply.outputs;
    const key = numbers.ofApply(now, inputs);
    const old = known.get(key);
    if (old !== undefined) return old;
    const made = changed
      ? applyOp(
          apply.op,
          inputs,
          apply.params,
          blocks,
          apply.outputs.map((o) => o.name),
        )
      : apply.outputs;
    known.set(key, made);
    for (const [i, output] of made.entries()) numbers.set(output, `a${known.size}.${i}`);
    return made;
  });
}

function mergeBlock(block: Block): Block {
  const outputs = mergeIn(block.outputs);
  return outputs.every((o, i) => o === block.outputs[i])
    ? block
    : { inputs: block.inputs, outputs };
}
