/** How much memory a call takes, told before it is made. */
import { ArgumentError } from "../errors/errors.ts";
import { suggest } from "../errors/nearest.ts";
import { bindShape, type Sizes } from "../graph/evaluate.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Build } from "../runtime/build.ts";
import type { CallMemory, CompiledGraph } from "../runtime/compiled-graph.ts";
import { evaluateSize, sizeSymbols, type SizeSymbol } from "../size/size.ts";
import { mostOf } from "./scan/size-of-tensor.ts";

/** Sizes of a call: by their names, or as shapes of inputs. */
export type CallSizes = Readonly<Record<string, number | readonly number[]>>;

/** @throws ArgumentError CALL_MEMORY, MEMORY_BUDGET; ShapeError INPUT_RANK, INPUT_SIZE */
export function callMemory(
  label: string,
  inputs: readonly (readonly [string, Tensor])[],
  { built, compiled }: { readonly built: Build; readonly compiled: CompiledGraph },
  given: CallSizes,
): CallMemory {
  const symbols = symbolsNeeded(built, inputs);
  const names = new Map([...symbols.values()].map((symbol) => [symbol.name, symbol]));
  const sizes: Sizes = new Map();
  const boundBy = new Map<string, string>();
  for (const [name, value] of Object.entries(given)) {
    const symbol = names.get(name);
    const input = inputs.find(([key]) => key === name)?.[1];
    if (typeof value !== "number" && input !== undefined) bindShape(input, value, sizes, boundBy);
    else if (symbol === undefined || typeof value !== "number")
      throw new ArgumentError("CALL_MEMORY", `${label}.memory knows no size "${name}"`, {
        hint: suggest(name, [...names.keys()]),
      });
    else if (!Number.isSafeInteger(value) || value < 0)
      throw new ArgumentError("CALL_MEMORY", `${label}.memory: ${name} is ${value}`, {
        hint: "give a whole number from 0 on",
      });
    else sizes.set(symbol.key, value);
  }
  setMost(symbols, sizes);
  const missing = [...symbols.values()].filter(({ key }) => !sizes.has(key));
  if (missing.length > 0)
    throw new ArgumentError(
      "CALL_MEMORY",
      `${label}.memory needs ${missing.map(({ name }) => name).join(", ")}`,
      {
        hint: `give sizes by name, or shapes of inputs: memory({ ${missing[0]?.name ?? "T"}: 100 })`,
      },
    );
  return compiled.memory(sizes);
}

/** Loops that end by a condition may run all their steps. */
function setMost(symbols: ReadonlyMap<string, SizeSymbol>, sizes: Sizes): void {
  for (let before = -1; before !== sizes.size;) {
    before = sizes.size;
    for (const symbol of symbols.values()) {
      const most = mostOf(symbol);
      const isKnown =
        most !== undefined && [...sizeSymbols(most).keys()].every((k) => sizes.has(k));
      if (isKnown && !sizes.has(symbol.key)) sizes.set(symbol.key, evaluateSize(most, sizes));
    }
  }
}

/** Sizes that a call must have, but for those that a budget decides. */
function symbolsNeeded(
  { plan }: Build,
  inputs: readonly (readonly [string, Tensor])[],
): Map<string, SizeSymbol> {
  const symbols = new Map<string, SizeSymbol>();
  for (const [, tensor] of inputs) for (const size of tensor.shape) sizeSymbols(size, symbols);
  for (const { shape } of plan.outputs) for (const size of shape) sizeSymbols(size, symbols);
  for (const slot of plan.slots)
    for (const tenant of slot.buffers) sizeSymbols(tenant.bytes, symbols);
  for (const { chunks, steps } of plan.budget.chunks)
    for (const size of [chunks, steps])
      for (const key of sizeSymbols(size).keys()) symbols.delete(key);
  return symbols;
}
