/** Holds an op of the user to its examples. */
import { isFloating, type DType } from "../graph/dtype.ts";
import { generate, type NDArray } from "../graph/ndarray.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { sum } from "../ops/broadcast.ts";
import { constant } from "../ops/constant.ts";
import type { DefinedOp, OpDefinition } from "./define-op.ts";
import { evaluate } from "./evaluate.ts";
import {
  compareGradients,
  gradOptions,
  type GradCheckOptions,
  type WorstEntry,
} from "./grad-check.ts";
import { grad, jvp } from "./grad.ts";
import type { OpInput } from "./op-types.ts";
import { tensor } from "./tensors.ts";
import { toNDArray, type TensorValue } from "./values.ts";

/** What did not agree. */
export interface OpFailure {
  /** Which example. */
  readonly example: number;
  /** first: the gradient; second: the gradient of the gradient; forward: `jvp` against the gradient, along one direction. */
  readonly derivative: "first" | "second" | "forward";
  readonly worst: WorstEntry;
}

/** What checkOp found. */
export interface OpReport {
  readonly passed: boolean;
  readonly failures: readonly OpFailure[];
  /** One line for each failure: the example, the derivative, the input, its entry and both numbers. */
  toString(): string;
}

/**
 * Compares the derivatives of an op that `defineOp` made with differences, at each of its examples: the gradient, the gradient of the
 * gradient, and `jvp` (where the op has one) with the gradient. Floating inputs are float64 where their declaration allows it.
 * @example expect(String(checkOp(rmsNorm))).toMatch(/^passed/);
 * @throws what the op throws of its examples; ArgumentError GRAD_OPTION
 */
export function checkOp<I extends readonly OpInput[], R extends Tensor | readonly Tensor[]>(
  op: DefinedOp<I, R>,
  options?: GradCheckOptions,
): OpReport;
export function checkOp(
  op: DefinedOp<readonly OpInput[], Tensor | readonly Tensor[]>,
  options: GradCheckOptions = {},
): OpReport {
  gradOptions("checkOp", options);
  const { definition } = op;
  const failures = definition.examples.flatMap((example, i) =>
    checkExample(op, example, options).map((failure) => ({ example: i, ...failure })),
  );
  const label = `op "${definition.name}"`;
  const count = definition.examples.length;
  const lines = failures.map(
    ({ example, derivative, worst: { tensor: name, index, exact, numeric } }) =>
      `example ${example}, ${derivative} derivative in ${name}[${index.join(", ")}]: exact ${exact}, numeric ${numeric}`,
  );
  return {
    passed: failures.length === 0,
    failures,
    toString: () =>
      failures.length === 0
        ? `passed: ${label} at ${count} ${count === 1 ? "example" : "examples"}`
        : `FAILED: ${label}\n  ${lines.join("\n  ")}`,
  };
}

type Finding = Omit<OpFailure, "example">;

function checkExample(
  op: DefinedOp<readonly OpInput[], Tensor | readonly Tensor[]>,
  example: readonly TensorValue[],
  options: GradCheckOptions,
): Finding[] {
  const arrays = op.definition.inputs.map((input, i) => arrayOf(op.definition, input, example[i]));
  const inputs = arrays.map((array, i) =>
    tensor<DType>(op.definition.inputs[i]?.name ?? `input ${i}`, {
      shape: array.shape,
      dtype: array.dtype,
    }),
  );
  const values = new Map(inputs.map((x, i): [Tensor, TensorValue] => [x, arrays[i] ?? 0]));
  const results: Tensor | readonly Tensor[] = op(...inputs);
  const outputs = ("origin" in results ? [results] : results).filter((y) => isFloating(y.dtype));
  const wrt = inputs.filter((x) => isFloating(x.dtype));
  if (outputs.length === 0 || wrt.length === 0) return [];

  const cost = weighted(outputs, evaluate(outputs, values), 1);
  const ignore = { disconnectedInputs: "ignore" } as const;
  const slopes = grad(cost, wrt, ignore);
  const again = weighted(slopes, wrt.map((x) => values.get(x)) as NDArray[], 2);
  const second = grad(again, wrt, ignore);
  const failures = (
    derivative: "first" | "second",
    of: Tensor,
    exact: readonly Tensor[],
  ): Finding[] =>
    compareGradients(of, wrt, exact, values, options).failures.map((worst) => ({
      derivative,
      worst,
    }));
  return [
    ...failures("first", cost, slopes),
    ...failures("second", again, second),
    ...forward(op.definition, cost, wrt, again, values, options),
  ];
}

/** The change of the cost along the weights of `again`, which is the sum of gradients times these weights. */
function forward(
  definition: OpDefinition,
  cost: Tensor,
  wrt: readonly Tensor[],
  again: Tensor,
  values: ReadonlyMap<Tensor, TensorValue>,
  { tolerance }: GradCheckOptions,
): Finding[] {
  if (definition.pullback !== undefined && definition.pushforward === undefined) return [];
  const directions = wrt.map((x, i) => constant<DType>(weights(values.get(x) as NDArray, 2, i)));
  const pushed = jvp(cost, wrt, directions);
  const [along, pulled] = evaluate([pushed, again], values);
  const [exact, numeric] = [along.item(), pulled.item()];
  const error = Math.abs(exact - numeric) / Math.max(1, Math.abs(exact), Math.abs(numeric));
  const limit = tolerance ?? (cost.dtype === "float64" ? 1e-9 : 1e-4);
  if (error <= limit) return [];
  return [
    { derivative: "forward", worst: { tensor: "a direction", index: [], exact, numeric, error } },
  ];
}

/** An example's value, in float64 where a floating dtype is not declared. */
function arrayOf(
  definition: OpDefinition,
  { name, dtype = "floating" }: OpInput,
  value: TensorValue | undefined,
): NDArray {
  const label = `op "${definition.name}": the example of "${name}"`;
  return toNDArray<DType>({ label, dtype: dtype === "floating" ? "float64" : dtype }, value ?? []);
}

/** The sum of all entries of `tensors`, each with a weight of its own, so that errors do not cancel. */
function weighted(tensors: readonly Tensor[], like: readonly NDArray[], seed: number): Tensor {
  return tensors
    .map((x, i): Tensor => sum(mul(x, constant<DType>(weights(like[i] as NDArray, seed, i)))))
    .reduce((a, b): Tensor => add(a, b));
}

function weights({ dtype, shape }: NDArray, seed: number, place: number): NDArray {
  return generate(dtype, shape, (k) => 0.5 + (((k + 1) * 7 + place * 5 + seed * 3) % 11) / 11);
}
