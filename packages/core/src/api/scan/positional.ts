/** The types of scan's positional form: arguments of the step in Theano's order. */
import type { Tensor } from "../../graph/tensor.ts";
import type { OutputInfo, Outputs, Plain, ScanOptions, SequenceInput } from "./types.ts";

type PerTap<X, K> = K extends readonly [number]
  ? [Plain<X>]
  : K extends readonly [...infer L]
    ? number extends L["length"]
      ? Plain<X>[]
      : { [I in keyof L]: Plain<X> }
    : [Plain<X>];
type SeqArgs<S> = S extends { input: infer X; taps: infer K }
  ? PerTap<X, K>
  : S extends { input: infer X }
    ? [Plain<X>]
    : [Plain<S>];
type StateArgs<O> = O extends null
  ? []
  : O extends { initial: infer X; taps: infer K }
    ? PerTap<X, K>
    : O extends { initial: infer X }
      ? [Plain<X>]
      : [Plain<O>];

type FlatSeq<S extends readonly unknown[]> = S extends readonly [infer H, ...infer R]
  ? [...SeqArgs<H>, ...FlatSeq<R>]
  : S extends readonly []
    ? []
    : Tensor[];
type FlatState<S extends readonly unknown[]> = S extends readonly [infer H, ...infer R]
  ? [...StateArgs<H>, ...FlatState<R>]
  : S extends readonly []
    ? []
    : Tensor[];
type FlatPlain<S extends readonly unknown[]> = S extends readonly [infer H, ...infer R]
  ? [Plain<H>, ...FlatPlain<R>]
  : S extends readonly []
    ? []
    : Tensor[];
type List<X> = X extends readonly unknown[] ? X : X extends undefined ? [] : [X];

/** The step's arguments: every tap of every sequence, every tap of every state, the non-sequences. */
export type StepArgs<S, O, N> = [...FlatSeq<List<S>>, ...FlatState<List<O>>, ...FlatPlain<List<N>>];

/** What the step must return for `outputsInfo` O: one output per entry of a list. */
export type StepOut<O> = O extends readonly unknown[]
  ? { readonly [K in keyof O]: Tensor }
  : Outputs | undefined;

export type SequencesOption = SequenceInput | readonly SequenceInput[] | undefined;
export type OutputsInfoOption = OutputInfo | readonly OutputInfo[] | undefined;
export type NonSequencesOption = Tensor | number | readonly (Tensor | number)[] | undefined;

/** Options of the positional form. */
export interface PositionalOptions<S, O, N> extends ScanOptions {
  /** Tensors to loop over along axis 0, plain or `{ input, taps }`. */
  readonly sequences?: S;
  /** One entry per output: its initial state, `{ initial, taps }`, or null when it is not fed back. */
  readonly outputsInfo?: O;
  /** Passed to every step unchanged. */
  readonly nonSequences?: N;
}
