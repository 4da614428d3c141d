/** evaluate: values at once, by the reference implementations, for people who explore. */
import { ArgumentError, GraphError } from "../errors/errors.ts";
import { nearest } from "../errors/nearest.ts";
import type { DType } from "../graph/dtype.ts";
import { bindSizes, evaluateGraph, sizeFrom, type Sizes } from "../graph/evaluate.ts";
import type { NDArray } from "../graph/ndarray.ts";
import { describe, Tensor } from "../graph/tensor.ts";
import { leavesOf } from "../graph/walk.ts";
import type { ScanParams } from "../ops/scan/scan-params.ts";
import { showPrinted } from "./printed.ts";
import { symbolsOf } from "./symbols-of.ts";
import { scanOfStepArgument } from "./scan/step-arguments.ts";
import { sourcesOf } from "./size-sources.ts";
import { ownerOfSize } from "./tensors.ts";
import { toNDArray, type TensorValue } from "./values.ts";

/** What evaluate takes: one expression, a list, or a record. */
export type Expressions = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;
/** One array per expression, in the form of the expressions. */
export type Evaluated<E> =
  E extends Tensor<infer D>
    ? NDArray<D>
    : { -readonly [K in keyof E]: E[K] extends Tensor<infer D> ? NDArray<D> : never };
/** Values by the names of inputs, or by the inputs themselves. */
export type GivenValues =
  Readonly<Record<string, TensorValue>> | ReadonlyMap<Tensor | string, TensorValue>;

/**
 * The values of expressions where inputs have the given values.
 * @example evaluate(x.mul(2), { x: [1, 2] }).toArray();
 * @throws GraphError EVALUATE_MISSING, EVALUATE_AMBIGUOUS; ArgumentError EVALUATE_UNKNOWN; ShapeError INPUT_RANK, INPUT_SIZE, SIZE_MISMATCH
 */
export function evaluate<const E extends Expressions>(
  expressions: E,
  values?: GivenValues,
): Evaluated<E>;
export function evaluate(expressions: Expressions, values: GivenValues = {}): unknown {
  if (expressions instanceof Tensor) return evaluateList([expressions], values, "raise")[0];
  const results = evaluateList(Object.values<Tensor>(expressions), values, "raise");
  if (Array.isArray(expressions)) return results;
  return Object.fromEntries(Object.keys(expressions).map((key, i) => [key, results[i]]));
}

/** `evaluate` for a list; `unused` says what to do about names that nothing needs. */
export function evaluateList(
  outputs: readonly Tensor[],
  values: GivenValues,
  unused: "raise" | "ignore",
): NDArray[] {
  const inputs = inputsOf(outputs);
  const given = matchValues(
    inputs,
    values instanceof Map ? values : new Map(Object.entries(values)),
    unused,
  );
  const arrays = new Map<Tensor, NDArray>();
  const sizes: Sizes = new Map();
  const boundBy = new Map<string, string>();
  for (const [input, value] of given) {
    const known = input.shape.map((size) => size.constant);
    const array = toNDArray<DType>(
      { label: `input ${describe(input)}`, dtype: input.dtype, sizes: known },
      value,
    );
    bindSizes(input, array, sizes, boundBy);
    arrays.set(input, array);
  }
  for (const input of inputs) if (!arrays.has(input)) throw missing(input, inputs);
  bindSources(outputs, arrays, sizes);
  return evaluateGraph(outputs, arrays, sizes, {
    print: (label, value, loops) => {
      const steps = loops.map(({ loop, row }) => {
        const { name = "scan" } = loop.params as ScanParams;
        return { loop: name, step: row };
      });
      showPrinted({ label, value, steps });
    },
  });
}

/** Inputs that the expressions need, also those that only give a size. */
function inputsOf(outputs: readonly Tensor[]): Tensor[] {
  const sources = [...sourcesOf(symbolsOf(outputs)).values()];
  const symbols = symbolsOf([...outputs, ...sources]);
  const leaves = leavesOf([...outputs, ...sources]).filter((leaf) => leaf.origin.kind === "input");
  const bound = new Set(leaves.flatMap((leaf) => leaf.shape.map((size) => size.key)));
  const owners = symbols.flatMap((symbol) =>
    bound.has(symbol.key) ? [] : (ownerOfSize(symbol) ?? []),
  );
  return [...new Set([...leaves, ...owners])];
}

function matchValues(
  inputs: readonly Tensor[],
  values: ReadonlyMap<Tensor | string, TensorValue>,
  unused: "raise" | "ignore",
): Map<Tensor, TensorValue> {
  const matched = new Map<Tensor, TensorValue>();
  for (const [key, value] of values) {
    const found = key instanceof Tensor ? [key] : inputs.filter((input) => input.name === key);
    if (found.length > 1)
      throw new GraphError(
        "EVALUATE_AMBIGUOUS",
        `${found.length} inputs are called "${String(found[0]?.name)}"`,
        { hint: "give values in a Map from the inputs themselves" },
      );
    const [input] = found;
    if (input !== undefined) matched.set(input, value);
    else if (unused === "raise") throw unknownName(String(key), inputs);
  }
  return matched;
}

function unknownName(name: string, inputs: readonly Tensor[]): ArgumentError {
  const names = inputs.flatMap((input) => input.name ?? []);
  const meant = nearest(name, names);
  const all = names.join(", ");
  return new ArgumentError("EVALUATE_UNKNOWN", `the expression has no input "${name}"`, {
    hint:
      names.length === 0
        ? "it needs no values"
        : meant === undefined
          ? `the expression needs: ${all}`
          : `did you mean "${meant}"? It needs: ${all}`,
  });
}

function missing(input: Tensor, inputs: readonly Tensor[]): GraphError {
  const scan = scanOfStepArgument(input);
  if (scan !== undefined)
    return new GraphError(
      "EVALUATE_MISSING",
      `${describe(input)} belongs to the inside of ${scan} and has no value outside`,
      { hint: "return it from the step as an output" },
    );
  return new GraphError("EVALUATE_MISSING", `no value for input ${describe(input)}`, {
    notes: [`made at ${input.site.toString()}`],
    hint: `the expression needs: ${inputs.map((x) => x.name ?? "an unnamed input").join(", ")}`,
  });
}

/** Sizes that are values of tensors (a symbolic nSteps), each computed once what it needs is known. */
function bindSources(outputs: readonly Tensor[], arrays: Map<Tensor, NDArray>, sizes: Sizes): void {
  for (const [key, source] of sourcesOf(symbolsOf(outputs)))
    sizes.set(key, sizeFrom(source, arrays, sizes));
}
