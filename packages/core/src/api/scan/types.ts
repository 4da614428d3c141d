/** The types of scan: what its arguments and results are, inferred from what the user writes. */
import type { DType } from "../../graph/dtype.ts";
import type { Tensor } from "../../graph/tensor.ts";
import type { Shared } from "../shared.ts";

/** A shared variable and its new value. */
export type Update<D extends DType = DType> = readonly [target: Shared<D>, value: Tensor];

/** Steps back (negative) or forward at which a step reads a sequence or a state. */
export type Taps = readonly number[];
export interface SequenceSpec<X extends Tensor = Tensor, K extends Taps = Taps> {
  readonly input: X;
  readonly taps?: K;
}
export interface StateSpec<X extends Tensor | number = Tensor | number, K extends Taps = Taps> {
  readonly initial: X;
  readonly taps?: K;
}
export type SequenceInput = Tensor | SequenceSpec;
/** How an output begins: its initial state, or null when it is not fed back. */
export type OutputInfo = Tensor | number | StateSpec | null;

/** What the step sees of X: a shared variable becomes a tensor, a number is untyped. */
export type Plain<X> = X extends Tensor<infer D> ? Tensor<D> : X extends number ? Tensor : never;

/** What a step returns: a tensor, a list, a record. */
export type Outputs = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

declare const resultBrand: unique symbol;
/** Outputs of a step together with updates and a stop condition; made by `stepResult`. */
export interface StepResult<R> {
  readonly [resultBrand]: R;
}

/** Outputs of all steps: the step's outputs with a new axis 0. */
export type Stacked<R> =
  R extends Tensor<infer D>
    ? Tensor<D>
    : R extends readonly unknown[]
      ? { -readonly [K in keyof R]: R[K] extends Tensor<infer D> ? Tensor<D> : never }
      : { readonly [K in keyof R]: R[K] extends Tensor<infer D> ? Tensor<D> : never };

/** What scan returns. */
export interface ScanResult<R> {
  /** `[T, ...]`: the outputs of every step, in the order of the steps. */
  readonly outputs: Stacked<R>;
  /** The last value of each output (at its own end where `lengths` or `mask` is given; the initial state after zero steps). */
  readonly final: Stacked<R>;
  /** New values of shared variables that the step updates: hand them to `compile`. */
  readonly updates: readonly Update[];
}

/** What both forms of scan accept. */
export interface ScanOptions {
  /** How many steps; sequences are cut to it. Default: the length of the shortest sequence. */
  readonly nSteps?: number | Tensor<"int32">;
  /** The gradient runs over the last k steps only; -1 (default): over all. */
  readonly truncateGradient?: number;
  /** From the last element to the first; outputs come in the order of the steps. */
  readonly goBackwards?: boolean;
  /** `[B]`: how many rows of each sequence of the batch are valid. */
  readonly lengths?: Tensor<"int32">;
  /** `[T, B]`: which rows are valid; holes are allowed. */
  readonly mask?: Tensor<"bool">;
  readonly resets?: Tensor<"bool">;
  /** Refuses shared variables that the step uses and `nonSequences` does not list. */
  readonly strict?: boolean;
  /** How messages and printed graphs call this scan. */
  readonly name?: string;
  /**
   * What a call with the gradient of this scan may work in, in bytes or as `"64MB"`; inputs and variables are not counted. Where storing
   * what the gradient needs takes more, it replays chunks of steps: see docs/scan.md. No bit depends on it.
   */
  readonly memory?: number | string;
}
