/**
 * What every backend must compute: cases as data, written in the users' words, so that one list runs on the interpreter, as
 * WebAssembly and on a GPU, in Node and in a page. Expected values come from the reference evaluator, in float64 where a case has
 * floating-point inputs.
 */
import {
  tensor,
  type DType,
  type NDArray,
  type Shared,
  type Tensor,
  type Update,
} from "@scan-train/core";

export type Float = "float32" | "float64";

/** Values of an input: all of them float32 numbers, so that both precisions get the same. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Built {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates?: readonly Update[];
  /** Looked at after the last call. */
  readonly variables?: readonly Shared[];
}

/** How far a value may be from the expected one: |got - want| <= atol + rtol |want|. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

export interface ConformanceCase {
  readonly name: string;
  readonly tolerance: Tolerance;
  readonly build: (float: Float) => Built;
  /** One function, called with each of these in turn. */
  readonly calls: readonly Readonly<Record<string, Values>>[];
  /** The code of the error that the last call ends with. */
  readonly fails?: string;
}

/** One or two units in the last place of float32 values around 1. */
export const tight: Tolerance = { rtol: 1e-5, atol: 1e-6 };
/** Sums and products of many terms; functions whose rounding adds up over steps. */
export const loose: Tolerance = { rtol: 1e-4, atol: 1e-5 };
/** Integers, booleans and copies. */
export const exact: Tolerance = { rtol: 0, atol: 0 };

let seed = 1;
/** Numbers in [low, high), the same in every run. */
function numbers(count: number, low: number, high: number): number[] {
  return Array.from({ length: count }, () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.fround(low + (seed / 0x1_0000_0000) * (high - low));
  });
}

const count = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export const real = (...shape: number[]): Values => ({ shape, data: numbers(count(shape), -2, 2) });
/** Small ones, for sums of many products. */
export const small = (...shape: number[]): Values => ({
  shape,
  data: numbers(count(shape), -0.25, 0.25),
});
export const positive = (...shape: number[]): Values => ({
  shape,
  data: numbers(count(shape), 0.25, 3),
});
export const integers = (low: number, high: number, ...shape: number[]): Values => ({
  shape,
  data: numbers(count(shape), low, high).map(Math.floor),
});
export const flags = (...shape: number[]): Values => integers(0, 2, ...shape);
export const given = (shape: readonly number[], data: readonly number[]): Values => ({
  shape,
  data,
});

/** An input with these axes; `null` for a size that the call tells. */
export const input = <D extends DType>(
  name: string,
  dtype: D,
  shape: readonly (number | string | null)[],
): Tensor<D> => tensor(name, { dtype, shape });

/** A value as the case's dtype wants it. */
export type Arrays = Readonly<Record<string, NDArray>>;
