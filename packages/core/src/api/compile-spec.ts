/** What compile takes and gives. */
import type { NDArray } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Store } from "../runtime/store.ts";
import type { Printed } from "../runtime/host-log.ts";
import type { CallMemory } from "../runtime/call-plan.ts";
import type { Backend } from "./backend.ts";
import type { CallSizes } from "./call-memory.ts";
import type { CallOptions } from "./out-values.ts";
import type { Profile } from "./profile.ts";
import type { Update } from "./scan/types.ts";
import type { Shared } from "./shared.ts";
import type { TensorValue } from "./values.ts";

type InputValues<I> = {
  readonly [K in keyof I]: I[K] extends Tensor<infer D> ? TensorValue<D> : never;
};
type OutputValues<O> = {
  readonly [K in keyof O]: O[K] extends Tensor<infer D> ? NDArray<D> : never;
};

/** A compiled graph. Called with a record of values, it gives a record of arrays. */
export interface CompiledFunction<I, O, M extends "sync" | "async" = "sync"> {
  (
    inputs: InputValues<I>,
    options?: CallOptions<O>,
  ): M extends "sync" ? OutputValues<O> : Promise<OutputValues<O>>;
  /** The passes, what each did, and the loop program that runs. */
  explain(): string;
  /**
   * Where the time of all calls went, by kernel. @throws ArgumentError PROFILE_OFF unless compiled with `profile: true`
   */
  profile(): Profile;
  /**
   * The bytes that a call with these sizes takes: `peak` is what a `memory` budget bounds, temporaries and outputs. Sizes are given by
   * name, or as shapes of inputs.
   * @example const { peak } = step.memory({ T: 100_000, B: 1 });
   * @throws ArgumentError CALL_MEMORY, MEMORY_BUDGET; ShapeError INPUT_RANK, INPUT_SIZE
   */
  memory(sizes: CallSizes): CallMemory;
  /** Gives its memory back. */
  dispose(): void;
}

export interface CompileSpec<I, O, M extends "sync" | "async"> {
  /** The arguments, by the names that calls use. */
  readonly inputs: I;
  readonly outputs?: O;
  /** New values of shared variables: pairs or a Map; all are computed from the values before the call. */
  readonly updates?: readonly Update[] | ReadonlyMap<Shared, Tensor>;
  /** Tensors to replace: [what, by what]. */
  readonly givens?: readonly (readonly [Tensor, Tensor])[];
  readonly backend?: Backend<M>;
  /** full: all rewrites (default); none: the graph as written. */
  readonly optimize?: "full" | "fast" | "none";
  readonly check?: "none" | "nan" | "debug";
  /**
   * portable: every operation in the order of the graph, the same bits everywhere (default); fast: `associativeScan` in vectors, and
   * products by relaxed multiply-add, which rounds once or twice as the machine likes.
   */
  readonly numerics?: "portable" | "fast";
  readonly name?: string;
  /** What to do about inputs that nothing uses: throw (default) or ignore them. */
  readonly unusedInputs?: "raise" | "ignore";
  /** Receives what `printValue` shows. Default: the console. */
  readonly onPrint?: (printed: Printed) => void;
  /** Times every kernel: see `profile()` of the function. Slower by two looks at the clock per kernel. */
  readonly profile?: boolean;
  /** The memory that holds shared variables; functions that share variables share a store. */
  readonly store?: Store;
}

/** A spec whose names are not known to the type checker. */
export type AnySpec = CompileSpec<
  Readonly<Record<string, Tensor>>,
  Readonly<Record<string, Tensor>>,
  "sync" | "async"
>;
