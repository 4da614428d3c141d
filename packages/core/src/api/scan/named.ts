/** The types of scan's named form: nothing to count. */
import type { Tensor } from "../../graph/tensor.ts";
import type { Plain, ScanOptions, Stacked, StepResult, Update } from "./types.ts";

/** `{ zNow: -1, zBefore: -2 }` gives the step `zNow` and `zBefore` in place of the entry's own name. */
export type NamedTaps = Readonly<Record<string, number>>;
export type NamedSequence = Tensor | { readonly input: Tensor; readonly taps: NamedTaps };
export type NamedState =
  Tensor | number | { readonly initial: Tensor | number; readonly taps: NamedTaps };

/** Nothing where the names of A and B differ, a sentence where they clash. */
export type NoClash<A, B> = {
  readonly [K in keyof A]: K extends keyof B
    ? `"${K & string}" is used twice: a sequence, a state and a non-sequence need different names`
    : unknown;
};

type EntryArgs<K, X> = X extends { readonly input: infer V; readonly taps: infer T }
  ? { readonly [P in keyof T]: Plain<V> }
  : X extends { readonly initial: infer V; readonly taps: infer T }
    ? { readonly [P in keyof T]: Plain<V> }
    : { readonly [P in K & string]: Plain<X> };
type Merge<U> = (U extends unknown ? (u: U) => void : never) extends (m: infer M) => void
  ? M
  : never;
// eslint-disable-next-line typescript/no-empty-object-type -- the empty record is what an absent one must be
type RecordArgs<X> = keyof X extends never
  ? {}
  : Merge<{ [K in keyof X]: EntryArgs<K, X[K]> }[keyof X]>;

/** The step's only argument. */
export type NamedArgs<S, I, N> = RecordArgs<S> &
  RecordArgs<I> & { readonly [K in keyof N]: Plain<N[K]> };

/** The named form's only argument. */
export type NamedSpec<S, I, N, R> = ScanOptions & {
  readonly sequences?: S;
  readonly init?: I & NoClash<I, S>;
  readonly nonSequences?: N & NoClash<N, S & I>;
  readonly step: (args: NamedArgs<S, I, N>) => R | StepResult<R>;
};

/** What the named form returns: `final` has the states only. */
export interface NamedResult<I, R> {
  readonly outputs: Stacked<R>;
  readonly final: {
    readonly [K in keyof I]: K extends keyof R
      ? R[K] extends Tensor<infer D>
        ? Tensor<D>
        : never
      : never;
  };
  readonly updates: readonly Update[];
}
