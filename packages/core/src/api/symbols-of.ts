/** Every size symbol that a graph mentions, blocks included. */
import type { Block } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toposort } from "../graph/walk.ts";
import { sizeSymbols, Size, type SizeSymbol } from "../size/size.ts";

export function symbolsOf(outputs: readonly Tensor[]): SizeSymbol[] {
  const found = new Map<string, SizeSymbol>();
  const visit = (x: unknown): void => {
    if (x instanceof Size) sizeSymbols(x, found);
    else if (Array.isArray(x)) for (const entry of x) visit(entry);
    else if (typeof x === "object" && x !== null)
      for (const entry of Object.values(x)) visit(entry);
  };
  const walk = (block: Block): void => {
    for (const tensor of [...block.inputs, ...block.outputs]) visit(tensor.shape);
    for (const apply of toposort(block.outputs)) {
      for (const tensor of [...apply.inputs, ...apply.outputs]) visit(tensor.shape);
      visit(apply.params);
      for (const check of apply.checks) visit([check.x, check.y]);
      for (const inner of apply.blocks) walk(inner);
    }
  };
  walk({ inputs: [], outputs });
  return [...found.values()];
}
