/** Tensors that a random program has made so far, and how one is made to fit where another is wanted. */
import {
  and,
  any,
  arange,
  broadcastTo,
  cast,
  gt,
  index,
  mod,
  reshape,
  shared,
  sum,
  tanh,
  tensor,
  type DType,
  type Shared,
  type Size,
  type Tensor,
} from "../../src/index.ts";
import type { NDArray } from "../../src/graph/ndarray.ts";
import { generate } from "../../src/graph/ndarray.ts";

/** Values with digits that no two computations meet by accident. */
function numbers(
  dtype: "float32" | "float64",
  shape: readonly number[],
  phase: number,
): NDArray<"float32" | "float64"> {
  return generate(dtype, shape, (i) => Math.sin(1.7 * i + phase) * 1.3);
}

function integers(shape: readonly number[], least: number, most: number, phase: number): NDArray {
  const spread = most - least + 1;
  return generate(
    "int32",
    shape,
    (i) => least + Math.floor((Math.sin(2.3 * i + phase) * 0.5 + 0.5) * 0.999 * spread),
  );
}

/** Leaves of a program, with their values for a call. */
export interface Leaves {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly lengths: Tensor<"int32">;
  readonly mask: Tensor<"bool">;
  readonly variables: readonly Shared[];
  readonly count: Shared<"int32">;
  /** Puts the first values back. */
  readonly reset: () => void;
  readonly values: (T: number, B: number) => Readonly<Record<string, NDArray>>;
}

export function makeLeaves(dtype: "float32" | "float64"): Leaves {
  const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
  const mask = tensor("mask", { shape: ["T", "B"], dtype: "bool" });
  const [first, second, count] = [numbers(dtype, [3, 3], 1), numbers(dtype, [3, 3], 2), 3];
  const P = shared(first, { name: "P" });
  const Q = shared(second, { name: "Q" });
  const N = shared(count, { name: "N", dtype: "int32" });
  return {
    inputs: {
      x: tensor("x", { shape: ["T", "B", 3], dtype }),
      y: tensor("y", { shape: ["B", 3], dtype }),
      m: tensor("m", { shape: ["T", "B"], dtype }),
      v: tensor("v", { shape: [3], dtype }),
      s: tensor("s", { shape: [], dtype }),
      k: tensor("k", { shape: ["T", "B"], dtype: "int32" }),
      f: tensor("f", { shape: [4, 2], dtype: "float32" }),
      lengths,
      mask,
    },
    lengths,
    mask,
    variables: [P, Q],
    count: N,
    reset: () => {
      P.set(first);
      Q.set(second);
      N.set(count);
    },
    values: (T, B) => ({
      x: numbers(dtype, [T, B, 3], 3),
      y: numbers(dtype, [B, 3], 4),
      m: numbers(dtype, [T, B], 5),
      v: numbers(dtype, [3], 6),
      s: numbers(dtype, [], 7),
      k: integers([T, B], -3, 4, 8),
      f: numbers("float32", [4, 2], 9),
      lengths: integers([B], 0, T, 10),
      mask: generate("bool", [T, B], (i) => Number(Math.sin(3.1 * i + 11) > -0.4)),
    }),
  };
}

/** Tensors to pick from. `exact` ones have the same bits however they are computed, so that comparisons of them agree. */
export class Pool {
  readonly leaves: Leaves;
  readonly tensors: Tensor[];
  readonly #exact: Set<Tensor>;
  readonly #outer: Pool | undefined;

  constructor(leaves: Leaves, tensors: readonly Tensor[], outer?: Pool) {
    this.leaves = leaves;
    this.tensors = [...tensors];
    this.#outer = outer;
    this.#exact = new Set(outer === undefined ? tensors : []);
  }

  isExact(x: Tensor): boolean {
    return (
      x.dtype === "int32" ||
      x.dtype === "bool" ||
      this.#exact.has(x) ||
      this.#outer?.isExact(x) === true
    );
  }

  markExact(x: Tensor): void {
    this.#exact.add(x);
  }

  /** The newest first: small numbers pick what was made last, then what the step was given, then what surrounds it. */
  pick(n: number, wanted: (x: Tensor) => boolean = () => true): Tensor {
    const all = this.#all().filter(wanted);
    return all[n % all.length] ?? this.leaves.variables[0] ?? fail();
  }

  pickFloat(n: number): Tensor {
    return this.pick(n, (x) => x.dtype === "float32" || x.dtype === "float64");
  }

  pickExact(n: number): Tensor {
    return this.pick(n, (x) => this.isExact(x));
  }

  #all(): Tensor[] {
    const own = this.tensors.toReversed();
    return this.#outer === undefined ? own : [...own, ...this.#outer.#all()];
  }

  /** `x` in the given shape and dtype: summed where axes are too many, repeated where they are too few. */
  fit(x: Tensor, shape: readonly Size[], dtype: DType = x.dtype): Tensor {
    const aligned = this.align(this.convert(x, dtype), shape);
    return aligned.rank === shape.length && isSame(aligned.shape, shape)
      ? aligned
      : broadcastTo(aligned, shape);
  }

  /** `x` in a shape that broadcasts to `shape`. */
  align(x: Tensor, shape: readonly Size[]): Tensor {
    const extra = x.rank - shape.length;
    const reduce = (y: Tensor, axes: readonly number[], keepdims: boolean): Tensor =>
      y.dtype === "bool" ? any(y, axes, { keepdims }) : sum(y, axes, { keepdims });
    const same =
      extra > 0
        ? reduce(
            x,
            Array.from({ length: extra }, (_, axis) => axis),
            false,
          )
        : x;
    const missing = shape.length - same.rank;
    const wrong = same.shape.flatMap((size, axis) => {
      const target = shape[axis + missing];
      return size.constant === 1 || target?.key === size.key ? [] : [axis];
    });
    return wrong.length === 0 ? same : reduce(same, wrong, true);
  }

  /** `x` as another dtype, without a jump between numbers that are not exact. */
  convert(x: Tensor, dtype: DType): Tensor {
    if (x.dtype === dtype) return x;
    if (dtype === "bool") return this.isExact(x) ? gt(x, 0) : and(gt(this.leaves.count, 2), true);
    if (dtype === "int32" && !this.isExact(x)) return this.leaves.count;
    return cast(x, dtype);
  }

  /** Places inside an axis of this constant size. */
  placesIn(n: number, size: number): Tensor {
    const ids = this.pick(n, (x) => x.dtype === "int32" && x.rank <= 2);
    return mod(ids.dtype === "int32" ? ids : this.leaves.count, size);
  }
}

export const isSame = (a: readonly Size[], b: readonly Size[]): boolean =>
  a.length === b.length && a.every((size, axis) => size.key === b[axis]?.key);

/** At most 1 in size, so that nothing grows without bounds. */
export const bounded = (x: Tensor): Tensor => tanh(x);

/** A matrix with the elements of `x`. */
export function asMatrix(x: Tensor): Tensor {
  if (x.rank === 2) return x;
  if (x.rank < 2) return reshape(x, [1, ...(x.rank === 0 ? [1] : x.shape)]);
  const last = x.shape.at(-1) ?? fail();
  return last.constant === undefined || last.constant === 0
    ? index(x, ...Array.from({ length: x.rank - 2 }, () => ({ step: 2 }))).sum(
        Array.from({ length: x.rank - 2 }, (_, axis) => axis),
      )
    : reshape(x, [-1, last]);
}

/** 0, 1, ... along the first axis. */
export const rowNumbers = (x: Tensor): Tensor => arange(x.size(0));

export function fail(): never {
  throw new Error("the pool is empty");
}
