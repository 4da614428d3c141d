/**
 * The loop IR: what a graph becomes before it becomes bytes.
 *
 * A program is a set of buffers (flat arrays of one scalar type), a set of sizes (integers known when a call begins) and
 * functions made of loops, scalar arithmetic, loads and stores at affine indices. It names no target: the interpreter defines
 * what it means, backends render it. Scalars of type `bool` are 0 or 1 and are stored as 32-bit integers.
 */
import type { Size } from "../size/size.ts";

export type ScalarType = "f32" | "f64" | "i32" | "bool";

/** A loop variable or a function parameter; an integer that only indices may use. Identity is the object. */
export interface IndexVar {
  readonly kind: "indexVar";
  readonly name: string;
}

/** offset + sum of coef * of. `of` is an index variable, or an i32 expression where the position is data (a gather). */
export interface Index {
  readonly terms: readonly IndexTerm[];
  readonly offset: Size;
}
export interface IndexTerm {
  readonly coef: Size;
  readonly of: IndexVar | Expr;
}

/** A scalar local: `let` gives it its first value, `assign` another. Identity is the object. */
export interface ScalarVar {
  readonly kind: "scalarVar";
  readonly name: string;
  readonly type: ScalarType;
}

export type UnaryOp =
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | "ceil"
  | "nearest"
  | "trunc"
  | "exp"
  | "log"
  | "log1p"
  | "expm1"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "sin"
  | "cos"
  | "not"
  | "exponent"
  | "mantissa"
  | "pow2";
export type BinaryOp =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "pow"
  | "floorDiv"
  | "mod"
  | "bitAnd"
  | "bitOr"
  | "bitXor"
  | "shiftLeft"
  | "shiftRight"
  | "mulHigh"
  | "and"
  | "or"
  | "xor";
export type CompareOp = "lt" | "le" | "eq" | "ne";

/** A scalar value. Expressions are a DAG: the same object stands for the same value and is computed once where it is in scope. */
export type Expr =
  | { readonly kind: "const"; readonly type: ScalarType; readonly value: number }
  | { readonly kind: "read"; readonly type: ScalarType; readonly var: ScalarVar }
  | {
      readonly kind: "load";
      readonly type: ScalarType;
      readonly buffer: Buffer;
      readonly index: Index;
    }
  | { readonly kind: "position"; readonly type: "i32"; readonly index: Index }
  | { readonly kind: "unary"; readonly type: ScalarType; readonly op: UnaryOp; readonly x: Expr }
  | {
      readonly kind: "binary";
      readonly type: ScalarType;
      readonly op: BinaryOp;
      readonly x: Expr;
      readonly y: Expr;
    }
  | {
      readonly kind: "compare";
      readonly type: "bool";
      readonly op: CompareOp;
      readonly x: Expr;
      readonly y: Expr;
    }
  | {
      readonly kind: "select";
      readonly type: ScalarType;
      readonly cond: Expr;
      readonly x: Expr;
      readonly y: Expr;
    }
  | { readonly kind: "convert"; readonly type: ScalarType; readonly x: Expr };

export type BufferRole = "input" | "output" | "shared" | "constant" | "temporary";

/** A flat array of `size` elements. Identity is the object; `id` is its place in `Program.buffers`. */
export interface Buffer {
  readonly id: number;
  readonly name: string;
  readonly type: ScalarType;
  readonly size: Size;
  readonly role: BufferRole;
  /** The contents of a `constant`. */
  readonly data?: Float32Array | Float64Array | Int32Array;
}

/** A matrix inside a buffer; element (i, j) lies at offset + i * rowStride + j * colStride. */
export interface MatrixView {
  readonly buffer: Buffer;
  readonly offset: Index;
  readonly rowStride: Size;
  readonly colStride: Size;
}

export type Statement =
  /** Iterations 0 .. extent-1 in order. `parallel` promises that they are independent, so that any order gives the same bits. */
  | {
      readonly kind: "for";
      readonly var: IndexVar;
      readonly extent: Size;
      readonly parallel: boolean;
      readonly body: readonly Statement[];
    }
  | { readonly kind: "let"; readonly var: ScalarVar; readonly value: Expr }
  | { readonly kind: "assign"; readonly var: ScalarVar; readonly value: Expr }
  | { readonly kind: "store"; readonly buffer: Buffer; readonly index: Index; readonly value: Expr }
  | { readonly kind: "if"; readonly cond: Expr; readonly then: readonly Statement[] }
  /** Declares `var` = the fold of `value` over 0 .. extent-1 in the order that `order` fixes; see `ReduceOrder`. */
  | {
      readonly kind: "reduce";
      readonly var: ScalarVar;
      readonly index: IndexVar;
      readonly extent: Size;
      readonly op: ReduceOp;
      readonly order: ReduceOrder;
      readonly value: Expr;
    }
  /** Stores r(i) = x(0) combined with x(1) ... x(i), for i of 0 .. extent-1, in the order that `expandPrefix` fixes. */
  | {
      readonly kind: "prefix";
      readonly index: IndexVar;
      readonly extent: Size;
      readonly parts: readonly PrefixPart[];
    }
  | { readonly kind: "call"; readonly func: LoopFunction; readonly args: readonly Index[] }
  /**
   * c = a b, or c = c + a b when `accumulate`. Every product in blocks of 256 along k, each from +0, then added to c in order.
   * `scratch` is room that a kernel may use for a copy of a block of a, of `scratchSize` elements at least, apart from the
   * operands and c; what is in it afterwards means nothing.
   */
  | {
      readonly kind: "matmul";
      readonly a: MatrixView;
      readonly b: MatrixView | PackedView;
      readonly c: MatrixView;
      readonly m: Size;
      readonly n: Size;
      readonly k: Size;
      readonly accumulate: boolean;
      readonly scratch?: Buffer;
    }
  /** Lays b [k, n] out as panels of `program.panelWidth` columns for `matmul`; the last panel is filled up with zeros. */
  | {
      readonly kind: "pack";
      readonly b: MatrixView;
      readonly into: Buffer;
      readonly n: Size;
      readonly k: Size;
    }
  /** Copies `size` consecutive elements; the two ranges are the same or do not overlap. */
  | {
      readonly kind: "copy";
      readonly from: Buffer;
      readonly fromOffset: Index;
      readonly to: Buffer;
      readonly toOffset: Index;
      readonly size: Size;
    }
  /** Records failure `code` (> 0) unless one is recorded already; the call goes on, reads stay in bounds, and the host throws at its end. */
  | { readonly kind: "fail"; readonly cond: Expr; readonly code: number }
  /** Tells the host `event`, a number that it knows, with where the element `index` of `buffer` lies, or `index` itself. */
  | {
      readonly kind: "host";
      readonly event: number;
      readonly buffer: Buffer | undefined;
      readonly index: Index;
    }
  /** The last statement of a loop that is not parallel: the loop ends after the iteration in which `cond` is true. */
  | { readonly kind: "stop"; readonly cond: Expr };

/** One of the values that the elements of a `prefix` consist of. */
export interface PrefixPart {
  /** This part of x(index). */
  readonly value: Expr;
  /** What it is called in `combined`, on either side; declared by the statement. */
  readonly left: ScalarVar;
  readonly right: ScalarVar;
  /** This part of left combined with right: an associative function of all parts of both. */
  readonly combined: Expr;
  /** Where this part of r(index) goes. */
  readonly into: readonly { readonly buffer: Buffer; readonly index: Index }[];
}

/** A `pack`ed right operand. */
export interface PackedView {
  readonly packed: Buffer;
}

export type ReduceOp = "add" | "mul" | "min" | "max" | "and" | "or";

/**
 * The order of a fold, which fixes its rounding.
 * - `lanes`: element i goes to accumulator i mod 16 (each begins at the identity of `op`); then, with a_0 .. a_15 the accumulators,
 *   a_j = op(a_j, a_{j+8}) for j < 8, then distance 4, then 2, then 1; the result is a_0.
 * - `blocks`: blocks of 256 counted from 0; each block folds in ascending order from the identity; the result is the fold of the blocks in order from the identity.
 */
export type ReduceOrder = "lanes" | "blocks";

/** `params` are the index variables that a call's `args` give values to. Functions do not recurse. */
export interface LoopFunction {
  readonly name: string;
  readonly params: readonly IndexVar[];
  readonly body: readonly Statement[];
}

/**
 * A whole compiled unit. `entries` are the functions the host calls; they take no parameters.
 * `sizes` lists every non-constant size that any statement uses, so that a host evaluates each once per call.
 */
export interface Program {
  readonly name: string;
  readonly buffers: readonly Buffer[];
  readonly sizes: readonly Size[];
  readonly functions: readonly LoopFunction[];
  readonly entries: readonly LoopFunction[];
  /** Columns of a packed panel by scalar type; a multiple of the target's vector length. */
  readonly panelWidth: { readonly f32: number; readonly f64: number };
}
