/** What a row of the op table is. */
import type { NDArray } from "../../../src/graph/ndarray.ts";
import type { Tensor } from "../../../src/graph/tensor.ts";
import { given, integers, real } from "../samples.ts";

/** How far a float32 value may be from the float64 one: |got - want| <= atol + rtol |want|. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** How an op is built, from what, and what holds. */
export interface OpSpec {
  readonly name: string;
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Inputs of each case. Floating ones are float64; tests also use them as float32. */
  readonly cases: readonly (readonly NDArray[])[];
  /** The inputs in which the op is differentiable. */
  readonly wrt: readonly number[];
  /** False when axes must have known sizes. */
  readonly symbolic: boolean;
  /** False when backends are not held to the row. */
  readonly lower: boolean;
  /** Of values and gradients in float32, on every backend. Integers and booleans are exact. */
  readonly tolerance: Tolerance;
}

export type Build = OpSpec["build"];
export type Cases = OpSpec["cases"];

/** Products round once per term; sums of few terms once or twice. */
export const tight: Tolerance = { rtol: 1e-5, atol: 1e-6 };

/** No rounding: integers, booleans, copies, and twice a copy. */
export const exact: Tolerance = { rtol: 0, atol: 0 };

export function row(name: string, build: Build, cases: Cases, more: Partial<OpSpec> = {}): OpSpec {
  const floating = (cases[0] ?? []).flatMap((x, i) => (x.dtype === "float64" ? [i] : []));
  return {
    name,
    build,
    cases,
    wrt: floating,
    symbolic: true,
    lower: true,
    tolerance: tight,
    ...more,
  };
}

/** A row whose values are elements of its inputs: they and the gradients of their squares are exact in float32. */
export const exactRow: typeof row = (name, build, cases, more) =>
  row(name, build, cases, { ...more, tolerance: exact });

export const noGradient = { wrt: [] } as const;
export const unary = (sample: (...shape: number[]) => NDArray = real): Cases => [
  [sample()],
  [sample(3)],
  [sample(2, 5)],
];
export const binary = (x = real, y = real): Cases => [
  [x(3), y(3)],
  [x(2, 3), y(3)],
  [x(2, 1, 3), y(4, 1)],
  [x(), y(2, 2)],
];
export const someInts = (): Cases => [
  [integers([7], -9, 9), given("int32", [7], [3, -3, 1, 2, -2, 5, -7])],
];

export const ids = (...values: number[]): NDArray => given("int32", [values.length], values);
export const place = (value: number): NDArray => given("int32", [], [value]);
