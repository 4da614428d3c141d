/** Compares exact gradients with differences of the cost itself. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { flattenNested, generate, type NDArray } from "../graph/ndarray.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { evaluateList, type GivenValues } from "./evaluate.ts";
import { grad } from "./grad.ts";
import type { TensorValue } from "./values.ts";

/** The entry where exact and numeric gradient differ most. */
export interface WorstEntry {
  /** How messages call the tensor. */
  readonly tensor: string;
  /** Its index, one number per axis. */
  readonly index: readonly number[];
  readonly exact: number;
  readonly numeric: number;
  /** |exact - numeric| / max(1, |exact|, |numeric|) */
  readonly error: number;
}

/** What gradCheck found. */
export interface GradReport {
  readonly passed: boolean;
  readonly worst: WorstEntry;
  toString(): string;
}

export interface GradCheckOptions {
  /** The greatest error that passes. Default: 1e-6 in float64, 1e-2 in float32. */
  readonly tolerance?: number;
  /** Half the distance of the two points of a difference. Default: 1e-5 in float64, 1e-2 in float32. */
  readonly step?: number;
}

/**
 * Checks the gradients of `cost` in `wrt` (inputs or shared variables) by central differences on the reference evaluator, at `values`.
 * @example gradCheck(cost, [W, b], { x: [[1, 2]] }).passed;
 * @throws what `grad` and `evaluate` throw; ArgumentError GRAD_OPTION
 */
export function gradCheck(
  cost: Tensor,
  wrt: readonly Tensor[],
  values: GivenValues = {},
  options: GradCheckOptions = {},
): GradReport {
  const unknown = unknownOption(options, ["tolerance", "step"]);
  if (unknown !== undefined)
    throw new ArgumentError("GRAD_OPTION", `gradCheck ${unknown.problem}`, unknown);
  const exact = evaluateList(grad(cost, wrt), values, "ignore");
  const given = new Map<Tensor | string, TensorValue>(
    values instanceof Map ? values : Object.entries(values),
  );
  let worst: WorstEntry = { tensor: "nothing", index: [], exact: 0, numeric: 0, error: 0 };
  let passed = true;
  for (const [k, tensor] of wrt.entries()) {
    const isCoarse = [tensor, cost].some((x) => x.dtype !== "float64");
    const { tolerance = isCoarse ? 1e-2 : 1e-6, step = isCoarse ? 1e-2 : 1e-5 } = options;
    const [centre] = evaluateList([tensor], values, "ignore");
    if (centre === undefined) continue;
    for (const [i, slope] of [...flattenNested(exact[k]?.toArray() ?? [])].entries()) {
      const at = (distance: number): number => {
        const shifted = new Map<Tensor | string, TensorValue>([
          ...withoutName(given, tensor),
          [tensor, moved(centre, i, distance)],
        ]);
        return evaluateList([cost], shifted, "ignore")[0]?.item() ?? Number.NaN;
      };
      const numeric = (at(step) - at(-step)) / (2 * step);
      const error = Math.abs(slope - numeric) / Math.max(1, Math.abs(slope), Math.abs(numeric));
      if (!(error <= tolerance)) passed = false;
      if (!(error <= worst.error))
        worst = {
          tensor: describe(tensor),
          index: indexOf(centre.shape, i),
          exact: slope,
          numeric,
          error,
        };
    }
  }
  return {
    passed,
    worst,
    toString: () =>
      `${passed ? "passed" : "FAILED"}: worst at ${worst.tensor}[${worst.index.join(", ")}]: exact ${worst.exact}, numeric ${worst.numeric}, error ${worst.error}`,
  };
}

/** The value of a tensor is about to be given by the tensor itself. */
function withoutName(
  given: ReadonlyMap<Tensor | string, TensorValue>,
  tensor: Tensor,
): [Tensor | string, TensorValue][] {
  return [...given].filter(([key]) => key !== tensor && key !== tensor.name);
}

function moved(x: NDArray, at: number, distance: number): NDArray {
  return generate(x.dtype, x.shape, (i) => (x.data[i] ?? 0) + (i === at ? distance : 0));
}

function indexOf(shape: readonly number[], flat: number): number[] {
  let rest = flat;
  return shape
    .toReversed()
    .map((size) => {
      const place = rest % size;
      rest = Math.floor(rest / size);
      return place;
    })
    .toReversed();
}
