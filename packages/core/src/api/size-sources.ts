/** Sizes that are values of scalars, such as a symbolic nSteps. */
import type { Tensor } from "../graph/tensor.ts";
import type { SizeSymbol } from "../size/size.ts";
import { sizeSourceOf } from "./scan/size-of-tensor.ts";
import { symbolsOf } from "./symbols-of.ts";

/** The scalars behind these symbols by symbol key; each after those whose values it needs itself. */
export function sourcesOf(symbols: Iterable<SizeSymbol>): Map<string, Tensor> {
  const found = new Map<string, Tensor>();
  const visit = (symbol: SizeSymbol): void => {
    const source = sizeSourceOf(symbol);
    if (source === undefined || found.has(symbol.key)) return;
    for (const needed of symbolsOf([source])) visit(needed);
    found.set(symbol.key, source);
  };
  for (const symbol of symbols) visit(symbol);
  return found;
}
