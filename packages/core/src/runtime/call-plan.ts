/** What a call of a compiled graph needs besides its program, whatever runs it. */
import { ArgumentError, IndexError, InternalError } from "../errors/errors.ts";
import { bindSizes, type Sizes } from "../graph/evaluate.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { SizeCheck } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Lowered } from "../lower/lower.ts";

/** `G` runs the programs that compute sizes. */
export interface CallPlan<G> {
  /** How messages call the function. */
  readonly label: string;
  readonly inputs: readonly (readonly [string, Tensor])[];
  readonly checks: readonly SizeCheck[];
  /** Looks at the results before new values of variables are kept; a throw keeps the old ones. */
  readonly verify?:
    ((values: readonly NDArray[], sizes: Sizes, results: readonly NDArray[]) => void) | undefined;
  /** Scalars whose values are sizes, such as a symbolic nSteps, in the order in which they can be computed. */
  readonly sizeSources: readonly SizeSource<G>[];
}

/** A scalar whose value is a size. */
export interface SizeSource<G> {
  /** The key of the symbol. */
  readonly key: string;
  readonly source: Tensor;
  /** What computes it where that is work: the number of steps of a loop that ends by a condition. */
  readonly program: { readonly graph: G; readonly inputs: readonly Tensor[] } | undefined;
}

/** Bytes of a call. */
export interface CallMemory {
  /** What a call works in: temporaries and outputs. A `memory` budget bounds it. */
  readonly peak: number;
  readonly temporaries: number;
  readonly outputs: number;
  readonly inputs: number;
  readonly shared: number;
  /** Constants of the graph, and a table of addresses and sizes. */
  readonly constants: number;
}

/** The sizes that the shapes of inputs give, and the inputs by their tensors. */
export function bindInputs(
  inputs: readonly (readonly [string, Tensor])[],
  values: readonly NDArray[],
): { readonly sizes: Sizes; readonly given: ReadonlyMap<Tensor, NDArray> } {
  const sizes: Sizes = new Map();
  const boundBy = new Map<string, string>();
  const given = new Map<Tensor, NDArray>();
  for (const [i, [, tensor]] of inputs.entries()) {
    const value = values[i];
    if (value === undefined) throw new InternalError("a value is missing");
    bindSizes(tensor, value, sizes, boundBy);
    given.set(tensor, value);
  }
  return { sizes, given };
}

/** The error of a call that ended with this status. */
export function failureOf(failure: Lowered["failures"][number] | undefined, status: number): Error {
  if (failure === undefined) return new InternalError(`failure ${status} has no message`);
  const { code, message } = failure;
  if (code !== "INDEX_RANGE") return new ArgumentError(code, message);
  return new IndexError(code, message, {
    hint: "give numbers from 0 to the size less one; negative ones count from the end",
  });
}

export function noCell(): never {
  throw new InternalError("a shared variable without a cell");
}
