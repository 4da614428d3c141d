/** How much memory a call takes, told before it is made. */
import { ArgumentError } from "../errors/errors.ts";
import { nearest } from "../errors/nearest.ts";
import { bindShape, type Sizes } from "../graph/evaluate.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Prepared } from "../runtime/build.ts";
import type { CallMemory } from "../runtime/call-plan.ts";
import { evaluateSize, sizeSymbols, type SizeSymbol } from "../size/size.ts";
import { mostOf } from "./scan/size-of-tensor.ts";

/** Sizes of a call: by their names, or as shapes of inputs. */
export type CallSizes = Readonly<Record<string, number | readonly number[]>>;

/** Knows what a call takes. */
interface MemoryTeller {
  memory(sizes: Sizes): CallMemory;
}

type Inputs = readonly (readonly [string, Tensor])[];

/** @throws ArgumentError CALL_MEMORY, MEMORY_BUDGET; ShapeError INPUT_RANK, INPUT_SIZE */
export function callMemory(
  label: string,
  inputs: Inputs,
  { built, compiled }: { readonly built: Prepared; readonly compiled: MemoryTeller },
  given: unknown,
): CallMemory {
  const what = `memory of ${label}`;
  const symbols = [...symbolsNeeded(built, inputs).values()];
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new ArgumentError("CALL_MEMORY", `${what} takes one record of sizes`, {
      hint: `for example ${example(symbols, inputs)}`,
    });
  const sizes: Sizes = new Map();
  const named: (readonly [SizeSymbol, unknown])[] = [];
  const boundBy = new Map<string, string>();
  for (const [name, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const symbol = symbols.find((one) => one.name === name);
    const input = inputs.find(([key]) => key === name)?.[1];
    // A scalar that is an input and a size, such as a number of steps, is meant by its value.
    if (symbol !== undefined && (input === undefined || isSize(value))) named.push([symbol, value]);
    else if (input === undefined) throw unknownSize(what, name, symbols, inputs);
    else bindShape(input, shapeOf(what, name, input, value), sizes, boundBy);
  }
  for (const [symbol, value] of named) setSize(what, symbol, value, sizes);
  setMost(what, symbols, sizes);
  const missing = symbols.filter(({ key }) => !sizes.has(key));
  if (missing.length > 0)
    throw new ArgumentError(
      "CALL_MEMORY",
      `${what} needs ${missing.map(({ name }) => name).join(", ")}`,
      { hint: `give all sizes by name, or shapes of inputs: ${example(symbols, inputs)}` },
    );
  return compiled.memory(sizes);
}

const isSize = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const printed = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : String(value);

function shapeOf(what: string, name: string, tensor: Tensor, value: unknown): readonly number[] {
  if (Array.isArray(value) && value.every(isSize)) return value;
  const given = Array.isArray(value)
    ? `[${value.map(printed).join(", ")}]`
    : typeof value === "object"
      ? "an object"
      : printed(value);
  throw new ArgumentError("CALL_MEMORY", `${what}: ${name} is ${given}`, {
    hint: `${name} is an input: give its shape, [${tensor.shape.map(String).join(", ")}] in whole numbers`,
  });
}

function setSize(what: string, symbol: SizeSymbol, value: unknown, sizes: Sizes): void {
  const { key, name } = symbol;
  if (!isSize(value))
    throw new ArgumentError("CALL_MEMORY", `${what}: ${name} is ${printed(value)}`, {
      hint: "give a whole number from 0 on",
    });
  const known = sizes.get(key);
  if (known !== undefined && known !== value)
    throw new ArgumentError(
      "CALL_MEMORY",
      `${what}: ${name} is ${value}, and ${known} in the shape of an input`,
      { hint: "say each size once" },
    );
  sizes.set(key, value);
}

/** Loops that end by a condition may run all their steps, and no more. */
function setMost(what: string, symbols: readonly SizeSymbol[], sizes: Sizes): void {
  for (let before = -1; before !== sizes.size;) {
    before = sizes.size;
    for (const symbol of symbols) {
      const size = mostOf(symbol);
      if (size === undefined || ![...sizeSymbols(size).keys()].every((k) => sizes.has(k))) continue;
      const most = evaluateSize(size, sizes);
      const given = sizes.get(symbol.key);
      if (given !== undefined && given > most)
        throw new ArgumentError("CALL_MEMORY", `${what}: ${symbol.name} is ${given}`, {
          hint: `the loop runs at most ${most} steps`,
        });
      sizes.set(symbol.key, given ?? most);
    }
  }
}

function unknownSize(
  what: string,
  name: string,
  symbols: readonly SizeSymbol[],
  inputs: Inputs,
): ArgumentError {
  const sizes = symbols.map((symbol) => symbol.name);
  const shapes = inputs.map(([key]) => key);
  const meant = nearest(name, [...sizes, ...shapes]);
  const all = `sizes: ${sizes.join(", ") || "none"}; inputs: ${shapes.join(", ") || "none"}`;
  return new ArgumentError("CALL_MEMORY", `${what}: there is no size and no input "${name}"`, {
    hint: meant === undefined ? all : `did you mean "${meant}"? ${all}`,
  });
}

/** A call that names all sizes, where their names are words; else one with shapes. */
function example(symbols: readonly SizeSymbol[], inputs: Inputs): string {
  const named = symbols.filter((symbol) => mostOf(symbol) === undefined);
  const entries = named.every(({ name }) => /^\w+$/.test(name))
    ? named.map(({ name }) => `${name}: 100`)
    : inputs.map(
        ([key, { shape }]) => `${key}: [${shape.map((d) => d.constant ?? 100).join(", ")}]`,
      );
  return entries.length === 0 ? "memory({})" : `memory({ ${entries.join(", ")} })`;
}

/** Sizes that a call must have, but for those that a budget decides. */
function symbolsNeeded({ plan }: Prepared, inputs: Inputs): Map<string, SizeSymbol> {
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
