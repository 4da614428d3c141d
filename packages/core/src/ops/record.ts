/** An op as one record: the graph's `Op` plus how it is lowered, batched and guarded. Shared code asks these traits, never a name. */
import type { DType } from "../graph/dtype.ts";
import type { NDArray } from "../graph/ndarray.ts";
import type { Apply, Op } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Expr, Index, IndexVar, ReduceOp, ScalarType, Statement } from "../loop-ir/types.ts";
import type { Size } from "../size/size.ts";

export const scalarTypeOf: Readonly<Record<DType, ScalarType>> = {
  float32: "f32",
  float64: "f64",
  int32: "i32",
  bool: "bool",
};

/** What the lowering of one element may ask. Indices have one entry per axis. */
export interface ElementContext<P> {
  readonly apply: Apply<P>;
  /** Which element of the result. */
  readonly index: readonly Index[];
  /** The element of input `input` at `index`; the producer may be fused in. */
  readonly read: (input: number, index: readonly Index[]) => Expr;
}

/** What values can do wrong that no type shows. */
export interface Failure {
  readonly code: "INDEX_RANGE" | "SCAN_LENGTHS" | "CTC_LABEL";
  readonly message: string;
}

/** What a kernel that writes its own loops may ask. */
export interface KernelContext<P> {
  readonly apply: Apply<P>;
  readonly read: (input: number, index: readonly Index[]) => Expr;
  /** Reads back what this kernel has written to output `output`. */
  readonly readOutput: (output: number, index: readonly Index[]) => Expr;
  readonly write: (output: number, index: readonly Index[], value: Expr) => Statement;
  /** A loop over 0 .. extent-1; `parallel` when its iterations are independent. */
  readonly loop: (
    name: string,
    extent: Size,
    parallel: boolean,
    body: (v: IndexVar) => readonly Statement[],
  ) => Statement;
  /** Where `cond` holds, the call fails after it ends, before anything is committed. */
  readonly fail: (cond: Expr, failure: Failure) => Statement;
}

export type Lowering<P> =
  /** Elementwise with broadcasting: the result from the inputs' elements. */
  | { readonly kind: "scalar"; scalar(inputs: readonly Expr[], apply: Apply<P>): Expr }
  /** Any element of the result can be computed on its own (gather, arange, random numbers). `checks` are statements to run once before, e.g. index range tests. */
  | {
      readonly kind: "element";
      element(context: ElementContext<P>): Expr;
      checks?(context: KernelContext<P>): readonly Statement[];
    }
  /** The result is input 0 seen through other indices; every index of input 0 is an affine function of the result's. */
  | {
      readonly kind: "view";
      view(apply: Apply<P>, index: readonly Index[]): readonly Index[];
      /** True where input 0 is not to be stored for the sake of the result, which is a part of it, but computed part by part. */
      readonly inParts?: boolean;
    }
  /** The elements of input 0 in row-major order, in another shape. */
  | { readonly kind: "reshape" }
  /** A fold over `axes(apply)` of input 0 (ascending axis numbers); `keepdims(apply)` keeps them with size 1. */
  | {
      readonly kind: "reduce";
      readonly op: ReduceOp;
      axes(apply: Apply<P>): readonly number[];
      keepdims(apply: Apply<P>): boolean;
    }
  /** Own loops that write every element of the outputs. */
  | { readonly kind: "kernel"; kernel(context: KernelContext<P>): readonly Statement[] }
  /** The output is made of the inputs laid at `offsets(apply)[i]` (one size per axis); together they cover it exactly. */
  | { readonly kind: "assemble"; offsets(apply: Apply<P>): readonly (readonly Size[])[] }
  /** The output begins as input 0 (in its place when nobody needs it any more); `update` then writes some of its elements. */
  | { readonly kind: "update"; update(context: KernelContext<P>): readonly Statement[] }
  /** Matrix product [..., M, K] x [..., K, N]; leading axes agree. With a third input, it is added: c + a b. */
  | { readonly kind: "matmul" }
  /** The result is input 0, which the host is shown under `label(apply)`. */
  | { readonly kind: "print"; label(apply: Apply<P>): string }
  /** Rows combined with all before them by the op's block: lowered by the scheduler, which reads its params. */
  | { readonly kind: "prefix" }
  /** scan: lowered by the scheduler, which reads its params. */
  | { readonly kind: "loop" }
  /** Its only block stands in its place before lowering. `hasRules`: its derivatives are not those of the block. */
  | { readonly kind: "block"; readonly hasRules: boolean };

/** An op with everything shared code may ask. */
export interface OpRecord<P = unknown> extends Op<P> {
  readonly lowering: Lowering<P>;
  /**
   * The same op over a new leading axis: inputs flagged in `batched` have it at axis 0, all results get it at axis 0.
   * Missing: the op stays inside its loop.
   */
  batch?(
    apply: Apply<P>,
    inputs: readonly Tensor[],
    batched: readonly boolean[],
    length: Size,
  ): readonly Tensor[];
  /** Estimated flops per result element: contractions count as `expensive` whatever their size. */
  readonly cost: "view" | "cheap" | "transcendental" | "expensive";
  /**
   * For each input, a value at which the op and its derivative are finite, for ops that are not everywhere:
   * inside a masked step the input of a padded row is replaced by it. Missing entries: finite wherever the input is.
   */
  readonly safeInputs?: readonly (number | undefined)[];
  /** What is wrong with these values, for which the op gives a result nevertheless: told under `check: "debug"`. */
  misuse?(inputs: readonly NDArray[]): string | undefined;
  /** True for ops that do something besides: they run as often as they were written. Their result is input 0. */
  readonly effectful?: boolean;
}

/** Defines an op; the identity function, for its type. */
export function defineRecord<P>(record: OpRecord<P>): OpRecord<P> {
  return record;
}

/** The record behind an application. */
export function recordOf(apply: Apply): OpRecord {
  const { op } = apply;
  if (!isRecord(op)) throw new Error(`op ${op.name} has no lowering`);
  return op;
}

function isRecord(op: Op): op is OpRecord {
  return "lowering" in op;
}
