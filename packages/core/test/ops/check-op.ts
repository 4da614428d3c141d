// Checks that any op must pass, from its row of the table.
import { expect } from "vitest";
import { gradientContext } from "../../src/autodiff/context.ts";
import { gradients } from "../../src/autodiff/grad.ts";
import { isFloating, type DType } from "../../src/graph/dtype.ts";
import { evaluateGraph, type Sizes } from "../../src/graph/evaluate.ts";
import { generate, type NDArray } from "../../src/graph/ndarray.ts";
import { Tensor } from "../../src/graph/tensor.ts";
import { toposort } from "../../src/graph/walk.ts";
import { add, mul } from "../../src/ops/arithmetic.ts";
import { stretch, sum } from "../../src/ops/broadcast.ts";
import { constant, zerosLike } from "../../src/ops/constant.ts";
import { recordOf } from "../../src/ops/record.ts";
import { constantSize, symbolSize, type Size } from "../../src/size/size.ts";
import { numbers } from "./samples.ts";
import type { OpSpec } from "./specs.ts";

export const context = gradientContext({ add: (x, y) => add(x, y), zeros: (x) => zerosLike(x) });

/** The size n as a symbol that all axes of size n share; 0 and 1 stay known. */
function sizeOf(n: number, symbolic: boolean): Size {
  return symbolic && n > 1
    ? symbolSize({ kind: "symbol", key: `n${n}`, name: `n${n}` })
    : constantSize(n);
}

export const sizes: Sizes = new Map(Array.from({ length: 1000 }, (_, n) => [`n${n}`, n]));

/** Inputs for the arrays of a case. */
export function inputsFor(arrays: readonly NDArray[], symbolic: boolean): Tensor[] {
  return arrays.map(
    ({ dtype, shape }, i) =>
      new Tensor<DType>(
        { dtype, shape: shape.map((n) => sizeOf(n, symbolic)) },
        { kind: "input" },
        `x${i}`,
      ),
  );
}

export function valueOf(
  output: Tensor,
  inputs: readonly Tensor[],
  arrays: readonly NDArray[],
): NDArray {
  const values = new Map(inputs.map((input, i) => [input, at(arrays, i)]));
  return at(evaluateGraph([output], values, new Map(sizes)), 0);
}

export function at<T>(list: readonly T[], i: number): T {
  const entry = list.at(i);
  if (entry === undefined) throw new Error(`no entry ${i}`);
  return entry;
}

/** Fixed numbers in the shape of `like`. */
export function direction(like: NDArray, seed: number): NDArray {
  const stream = numbers(seed);
  return generate("float64", like.shape, () => stream.next().value * 2 - 1);
}

/** x + h d for the inputs in `wrt`. */
function moved(
  arrays: readonly NDArray[],
  wrt: readonly number[],
  directions: readonly NDArray[],
  h: number,
): NDArray[] {
  return arrays.map((x, i) => {
    const d = directions[wrt.indexOf(i)];
    return d === undefined
      ? x
      : generate(x.dtype, x.shape, (k) => (x.data[k] ?? 0) + h * (d.data[k] ?? 0));
  });
}

function slope(
  f: (arrays: readonly NDArray[]) => number,
  arrays: readonly NDArray[],
  wrt: readonly number[],
  directions: readonly NDArray[],
): number {
  const h = 1e-5;
  return (f(moved(arrays, wrt, directions, h)) - f(moved(arrays, wrt, directions, -h))) / (2 * h);
}

function close(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(
    tolerance * (1 + Math.abs(expected)),
  );
}

/** The array as a constant with exactly the sizes of `like`. */
function constantLike(array: NDArray, like: Tensor): Tensor {
  return stretch(constant<DType>(array), like.shape);
}

/** The scalar sum(output * weights), weights fixed. */
function weigh(output: Tensor, weights: NDArray): Tensor {
  return sum(mul(output, constant<DType>(weights)));
}

function alongDirections(tensors: readonly Tensor[], directions: readonly NDArray[]): Tensor {
  return tensors.map((g, i) => weigh(g, at(directions, i))).reduce((x, y) => add(x, y));
}

/** Reverse, forward and second derivatives of a case against finite differences and each other. */
export function checkDerivatives(
  spec: OpSpec,
  arrays: readonly NDArray[],
  symbolic: boolean,
): void {
  const inputs = inputsFor(arrays, symbolic);
  const output = spec.build(...inputs);
  const wrt = spec.wrt.map((i) => at(inputs, i));
  const plain = valueOf(output, inputs, arrays);
  const weights = direction(plain, 11);
  const cost = weigh(output, weights);
  const scalar = (t: Tensor) => (values: readonly NDArray[]) => valueOf(t, inputs, values).item();
  const grad = (of: Tensor): Tensor[] =>
    gradients(context, of, constant(1, "float64"), wrt, { onDisconnected: () => {} });

  const directions = spec.wrt.map((i, k) => direction(at(arrays, i), 21 + k));
  const first = grad(cost);
  for (const [i, g] of first.entries())
    expect(g.type.shape.map(String)).toEqual(at(wrt, i).type.shape.map(String));
  const alongFirst = alongDirections(first, directions);
  close(scalar(alongFirst)(arrays), slope(scalar(cost), arrays, spec.wrt, directions), 1e-6);

  const [tangent] = context.pushforward(
    [output],
    wrt,
    directions.map((d, i) => constantLike(d, at(wrt, i))),
  );
  if (tangent !== undefined)
    expect(tangent.type.shape.map(String)).toEqual(output.type.shape.map(String));
  close(
    tangent === undefined ? 0 : scalar(weigh(tangent, weights))(arrays),
    scalar(alongFirst)(arrays),
    1e-9,
  );

  const others = spec.wrt.map((i, k) => direction(at(arrays, i), 31 + k));
  const alongSecond = alongDirections(grad(alongFirst), others);
  close(scalar(alongSecond)(arrays), slope(scalar(alongFirst), arrays, spec.wrt, others), 1e-5);
  const [secondTangent] = context.pushforward(
    [alongFirst],
    wrt,
    others.map((d, i) => constantLike(d, at(wrt, i))),
  );
  close(
    secondTangent === undefined ? 0 : scalar(secondTangent)(arrays),
    scalar(alongSecond)(arrays),
    1e-9,
  );
}

/** The output over a new leading axis, made by the ops' batch rules; undefined when nothing depends on what is batched. */
function batchGraph(output: Tensor, replaced: ReadonlyMap<Tensor, Tensor>, length: Size): Tensor {
  const wide = new Map(replaced);
  for (const apply of toposort([output])) {
    const batched = apply.inputs.map((x) => wide.has(x));
    if (!batched.includes(true)) continue;
    const results = recordOf(apply).batch?.(
      apply,
      apply.inputs.map((x) => wide.get(x) ?? x),
      batched,
      length,
    );
    if (results === undefined) throw new Error(`${apply.op.name} has no batch rule`);
    for (const [i, y] of apply.outputs.entries()) wide.set(y, at(results, i));
  }
  return wide.get(output) ?? output;
}

/** The batch rules against one evaluation per row, with the inputs in `which` batched. */
export function checkBatch(
  spec: OpSpec,
  arrays: readonly NDArray[],
  which: readonly number[],
  symbolic: boolean,
): void {
  const rows = 3;
  const inputs = inputsFor(arrays, symbolic);
  const stacked = arrays.map((x, i) => (which.includes(i) ? rowsOf(x, rows) : [x]));
  const wideArrays = stacked.map((list) => (list.length === 1 ? at(list, 0) : stackRows(list)));
  const wide = inputsFor(wideArrays, false).map((x, i) =>
    which.includes(i)
      ? new Tensor<DType>(
          { dtype: x.dtype, shape: [constantSize(rows), ...at(inputs, i).shape] },
          { kind: "input" },
          x.name,
        )
      : at(inputs, i),
  );
  const output = spec.build(...inputs);
  const batched = batchGraph(
    output,
    new Map(which.map((i) => [at(inputs, i), at(wide, i)])),
    constantSize(rows),
  );
  expect(batched.type.shape.map(String)).toEqual(["3", ...output.type.shape.map(String)]);
  const actual = valueOf(batched, wide, wideArrays);
  const expected = stackRows(
    Array.from({ length: rows }, (_, r) =>
      valueOf(
        output,
        inputs,
        stacked.map((list) => list[r] ?? at(list, 0)),
      ),
    ),
  );
  expectClose(actual, expected, 1e-12);
}

/** `x` and two other arrays of its kind: the values in reverse and rotated, so that integers stay valid. */
function rowsOf(x: NDArray, rows: number): NDArray[] {
  return Array.from({ length: rows }, (_, r) =>
    generate(x.dtype, x.shape, (i) => x.data[(i + r) % x.data.length] ?? 0),
  );
}

function stackRows(rows: readonly NDArray[]): NDArray {
  const first = at(rows, 0);
  const each = first.data.length;
  return generate(
    first.dtype,
    [rows.length, ...first.shape],
    (i) => at(rows, Math.floor(i / each)).data[i % each] ?? 0,
  );
}

export function expectClose(actual: NDArray, expected: NDArray, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  for (const [i, x] of expected.data.entries()) {
    const y = actual.data[i] ?? Number.NaN;
    if (Object.is(x, y) || x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    close(y, x, tolerance);
  }
}

function toFloating(dtype: DType, arrays: readonly NDArray[]): NDArray[] {
  return arrays.map((x) =>
    isFloating(x.dtype) ? generate(dtype, x.shape, (i) => x.data[i] ?? 0) : x,
  );
}

/** The same arrays, floats as float32. */
export const toSingle = (arrays: readonly NDArray[]): NDArray[] => toFloating("float32", arrays);

/** The same arrays, floats as float64. */
export const toDouble = (arrays: readonly NDArray[]): NDArray[] => toFloating("float64", arrays);

/** Runs a check on every case with known and with symbolic sizes, and says which case failed. */
export function onCases(
  spec: OpSpec,
  check: (arrays: readonly NDArray[], symbolic: boolean) => void,
): void {
  for (const arrays of spec.cases)
    for (const symbolic of spec.symbolic ? [false, true] : [false])
      try {
        check(arrays, symbolic);
      } catch (cause) {
        const shapes = arrays.map((x) => `${x.dtype}[${x.shape.join(", ")}]`).join(", ");
        throw new Error(`${shapes}, ${symbolic ? "symbolic" : "known"} sizes: ${String(cause)}`, {
          cause,
        });
      }
}
