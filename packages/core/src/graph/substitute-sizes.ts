/** Copies of graphs in which size symbols mean something else. */
import { Size, substituteSize, type SizeReplacements } from "../size/size.ts";
import { applyOp, type Block } from "./op.ts";
import { rebuild, type Remake } from "./rebuild.ts";
import { withSite } from "./site.ts";
import { Tensor } from "./tensor.ts";

/** For `rebuild`: replaces symbols in params and blocks too; what mentions none of them is shared, not copied. */
export function withSizes(sizes: SizeReplacements): Remake {
  return (apply, inputs) => {
    const params = substituted(apply.params, sizes);
    const blocks = apply.blocks.map((block) => blockWithSizes(block, sizes));
    const isSame =
      params === apply.params &&
      inputs.every((input, i) => input === apply.inputs[i]) &&
      blocks.every((block, i) => block === apply.blocks[i]);
    if (isSame) return apply.outputs;
    const names = apply.outputs.map((output) => output.name);
    return applyOp(apply.op, inputs, params, blocks, names);
  };
}

function blockWithSizes(block: Block, sizes: SizeReplacements): Block {
  const inputs = block.inputs.map((input) => {
    const shape = substituted(input.shape, sizes);
    if (shape === input.shape) return input;
    const { dtype, name, origin, site } = input;
    return withSite(site, () => new Tensor({ dtype, shape }, origin, name));
  });
  const replaced = new Map<Tensor, Tensor>();
  for (const [i, input] of block.inputs.entries()) {
    const other = inputs[i];
    if (other !== undefined && other !== input) replaced.set(input, other);
  }
  const outputs = rebuild(block.outputs, replaced, withSizes(sizes));
  return outputs.every((output, i) => output === block.outputs[i]) && replaced.size === 0
    ? block
    : { inputs, outputs };
}

/** Plain data with its sizes substituted; the same object where nothing changes. */
function substituted<T>(value: T, sizes: SizeReplacements): T;
function substituted(value: unknown, sizes: SizeReplacements): unknown {
  if (value instanceof Size) {
    const other = substituteSize(value, sizes);
    return other.equals(value) ? value : other;
  }
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    const others = list.map((entry) => substituted(entry, sizes));
    return others.every((other, i) => other === list[i]) ? value : others;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  const others = entries.map(([key, entry]) => [key, substituted(entry, sizes)] as const);
  return others.every(([, other], i) => other === entries[i]?.[1])
    ? value
    : Object.fromEntries(others);
}
