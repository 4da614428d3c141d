/** The sizes of a compiled function that are values of scalars, such as a symbolic nSteps. */
import type { Tensor } from "../graph/tensor.ts";
import type { Build } from "../runtime/build.ts";
import { sizeSymbols, type SizeSymbol } from "../size/size.ts";
import { sizeSourceOf } from "./scan/size-of-tensor.ts";

/** [symbol key, scalar to evaluate at each call]. */
export function sizeSourcesOf(built: Build): (readonly [string, Tensor])[] {
  const symbols = new Map<string, SizeSymbol>();
  for (const size of built.plan.sizes) sizeSymbols(size, symbols);
  for (const array of [...built.plan.inputs, ...built.plan.outputs])
    for (const size of array.shape) sizeSymbols(size, symbols);
  for (const slot of built.plan.slots)
    for (const tenant of slot.buffers) sizeSymbols(tenant.bytes, symbols);
  return [...symbols.values()].flatMap((symbol) => {
    const source = sizeSourceOf(symbol);
    return source === undefined ? [] : [[symbol.key, source] as const];
  });
}
