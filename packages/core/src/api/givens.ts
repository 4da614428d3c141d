/** Givens: tensors replaced by others, whose sizes come along. */
import { ArgumentError } from "../errors/errors.ts";
import type { SizeCheck } from "../graph/op.ts";
import { rebuild } from "../graph/rebuild.ts";
import { withSizes } from "../graph/substitute-sizes.ts";
import { describe, printType, type Tensor } from "../graph/tensor.ts";
import { leavesOf } from "../graph/walk.ts";
import { assertSizes } from "../ops/scan/assert-sizes.ts";
import {
  sizeSymbols,
  solveSize,
  substituteSize,
  type Size,
  type SizeMultiple,
} from "../size/size.ts";
import { sizeOf, sizeSourceOf } from "./scan/size-of-tensor.ts";
import { symbolsOf } from "./symbols-of.ts";

/**
 * The results with tensors replaced, each once. A size that only a replaced tensor has becomes that of its replacement; where another
 * tensor has it too, the two must agree at the call.
 * @throws ArgumentError COMPILE_GIVEN where two sizes are known and differ
 */
export function applyGivens(
  results: readonly Tensor[],
  givens: readonly (readonly [Tensor, Tensor])[],
): Tensor[] {
  if (givens.length === 0) return [...results];
  const targets = new Set(givens.map(([what]) => what));
  const kept = [
    ...leavesOf(results, targets).filter((leaf) => !targets.has(leaf)),
    ...leavesOf(givens.map(([, by]) => by)),
  ];
  const needed = new Set(symbolsOf(kept).map(({ key }) => key));
  const sizes = new Map<string, Size | SizeMultiple>();
  const replaced = new Map<Tensor, Tensor>();
  for (const [what, by] of givens) replaced.set(what, fitted(what, by, needed, sizes));
  for (const symbol of symbolsOf(results)) {
    const source = sizeSourceOf(symbol);
    if (source === undefined) continue;
    const [other] = rebuild([source], new Map(replaced), withSizes(sizes));
    if (other !== undefined && other !== source) sizes.set(symbol.key, sizeOf(other));
  }
  return rebuild(results, replaced, withSizes(sizes));
}

/** `by` in the place of `what`; `sizes` receives the symbols that it gives a meaning. */
function fitted(
  what: Tensor,
  by: Tensor,
  needed: ReadonlySet<string>,
  sizes: Map<string, Size | SizeMultiple>,
): Tensor {
  const message = `givens replace ${describe(what)} ${printType(what.type)} by ${describe(by)} ${printType(by.type)}`;
  const checks: SizeCheck[] = [];
  const shape = what.shape.map((size, axis) => {
    const other = by.shape[axis] ?? size;
    if (size.equals(other)) return size;
    const expected = substituteSize(size, sizes);
    if (expected.constant !== undefined && other.constant !== undefined)
      if (expected.constant !== other.constant)
        throw new ArgumentError("COMPILE_GIVEN", `${message}: axis ${axis} differs`);
    const unknown = [...sizeSymbols(expected).keys()].filter((symbol) => !needed.has(symbol));
    for (const symbol of unknown) {
      const solved = solveSize(expected, other, symbol);
      if (solved === undefined) continue;
      sizes.set(symbol, solved.times === 1 ? solved.size : solved);
      return other;
    }
    if (expected.equals(other) || unknown.length > 0) return other;
    checks.push({ x: expected, relation: "equal", y: other, message });
    return expected;
  });
  return assertSizes(by, shape, checks);
}
