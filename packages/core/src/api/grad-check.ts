/** Compares exact gradients with differences of the cost itself. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { flattenNested, generate, type NDArray } from "../graph/ndarray.ts";
import { describe, type Tensor } from "../graph/tensor.ts";
import { ownerOf } from "../graph/op.ts";
import { toposort } from "../graph/walk.ts";
import { dimshuffleOp } from "../ops/dimshuffle.ts";
import { recordOf } from "../ops/record.ts";
import { scanGroups, scanLabel, type ScanParams } from "../ops/scan/scan-params.ts";
import { scanOp } from "../ops/scan/scan.ts";
import { evaluateList, type GivenValues } from "./evaluate.ts";
import { grad } from "./grad.ts";
import type { TensorValue } from "./values.ts";

/** The entry where exact and numeric gradient differ most. */
export interface WorstEntry {
  /** How messages call the tensor. */
  readonly tensor: string;
  /** Its index, one number per axis. */
  readonly index: readonly number[];
  /** Of a sequence of a scan: its row, and how messages call the scan. */
  readonly step?: { readonly row: number; readonly scan: string };
  readonly exact: number;
  readonly numeric: number;
  /** |exact - numeric| / max(1, |exact|, |numeric|) */
  readonly error: number;
}

/** What gradCheck found. */
export interface GradReport {
  readonly passed: boolean;
  readonly worst: WorstEntry;
  /** The worst entry of each tensor that did not pass, the worst tensor first. */
  readonly failures: readonly WorstEntry[];
  /** One line for each of them: the tensor, the entry, the time step, and both numbers. */
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
  gradOptions("gradCheck", options);
  return compareGradients(cost, wrt, grad(cost, wrt), values, options);
}

/** @throws ArgumentError GRAD_OPTION */
export function gradOptions(what: string, options: GradCheckOptions): void {
  const unknown = unknownOption(options, ["tolerance", "step"]);
  if (unknown !== undefined)
    throw new ArgumentError("GRAD_OPTION", `${what} ${unknown.problem}`, unknown);
}

/** `gradCheck` of gradients that are given. */
export function compareGradients(
  cost: Tensor,
  wrt: readonly Tensor[],
  gradients: readonly Tensor[],
  values: GivenValues,
  options: GradCheckOptions,
): GradReport {
  const exact = evaluateList(gradients, values, "ignore");
  const given = new Map<Tensor | string, TensorValue>(
    values instanceof Map ? values : Object.entries(values),
  );
  const scans = scansOver(cost);
  const found: { readonly entry: WorstEntry; readonly passed: boolean }[] = [];
  for (const [k, tensor] of wrt.entries()) {
    const isCoarse = [tensor, cost].some((x) => x.dtype !== "float64");
    const { tolerance = isCoarse ? 1e-2 : 1e-6, step = isCoarse ? 1e-2 : 1e-5 } = options;
    const [centre] = evaluateList([tensor], values, "ignore");
    if (centre === undefined) continue;
    let worst: WorstEntry | undefined;
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
      if (worst !== undefined && error <= worst.error) continue;
      const index = indexOf(centre.shape, i);
      const [row = 0] = index;
      const scan = scans.get(tensor);
      worst = {
        tensor: describe(tensor),
        index,
        ...(scan === undefined ? {} : { step: { row, scan } }),
        exact: slope,
        numeric,
        error,
      };
      // Nothing is worse than no number.
      if (Number.isNaN(error)) break;
    }
    if (worst !== undefined) found.push({ entry: worst, passed: worst.error <= tolerance });
  }
  return reportOf(found);
}

function reportOf(
  found: readonly { readonly entry: WorstEntry; readonly passed: boolean }[],
): GradReport {
  const badness = ({ error }: WorstEntry): number => (Number.isNaN(error) ? Infinity : error);
  const byBadness = (a: WorstEntry, b: WorstEntry): number =>
    badness(a) === badness(b) ? 0 : badness(b) - badness(a);
  const nothing: WorstEntry = { tensor: "nothing", index: [], exact: 0, numeric: 0, error: 0 };
  const failures = found.flatMap((f) => (f.passed ? [] : [f.entry])).toSorted(byBadness);
  const passed = failures.length === 0;
  const [worst = nothing] = passed ? found.map((f) => f.entry).toSorted(byBadness) : failures;
  const lines = [worst, ...failures.slice(1)].map(printEntry);
  return {
    passed,
    worst,
    failures,
    toString: () => `${passed ? "passed" : "FAILED"}: worst at ${lines.join("\n  and at ")}`,
  };
}

function printEntry({ tensor, index, step, exact, numeric, error }: WorstEntry): string {
  const place = step === undefined ? "" : ` (time step ${step.row} of ${step.scan})`;
  return `${tensor}[${index.join(", ")}]${place}: exact ${exact}, numeric ${numeric}, error ${error}`;
}

/** Tensors whose axis 0 a scan runs over, seen through slices and elementwise work, and how messages call the scan. */
function scansOver(cost: Tensor): ReadonlyMap<Tensor, string> {
  const scans = new Map<Tensor, string>();
  for (const apply of toposort([cost])) {
    if (apply.op !== scanOp) continue;
    const params = apply.params as ScanParams;
    const label = scanLabel(params.name);
    const pending = [...scanGroups(params, apply.inputs).xs];
    for (let x = pending.pop(); x !== undefined; x = pending.pop()) {
      if (scans.has(x)) continue;
      scans.set(x, label);
      const { rank } = x;
      const owner = ownerOf(x);
      if (owner === undefined || owner.op === dimshuffleOp) continue;
      const { kind } = recordOf(owner).lowering;
      if (kind === "view" || kind === "scalar" || kind === "element")
        pending.push(...owner.inputs.filter((input) => input.rank === rank));
    }
  }
  return scans;
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
