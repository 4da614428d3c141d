/** Functions and their slopes over all magnitudes, where formulas lose digits, overflow or meet an infinity. */
import * as core from "@scan-train/core";
import { grad, sum, type Tensor } from "@scan-train/core";
import { given, input, tight, type ConformanceCase } from "../case.ts";

type Function1 = (x: Tensor) => Tensor;

const both = (values: readonly number[]): readonly number[] => [
  ...values,
  ...values.map((v) => -v),
];

const small = [0, 1e-30, 1e-10, 1e-5, 1e-3, 0.1, 0.5];
const middle = [1, 2, 5, 9, 15, 30, 50, 80, 88];
const large = [100, 1e3, 1e4];
const huge = [1e7, 1e10, 1e18, 1e30, Infinity];

const { abs, arcsinh, arctan, arctanh, arcsin, arccos, ceil, cos, cosh, elu, erf, exp, exp2 } =
  core;
const { expm1, floor, hardSigmoid, leakyRelu, log, log10, log1p, log2, neg, reciprocal } = core;
const { relu, round, sigmoid, sign, sin, sinh, softplus, sqr, sqrt, tan, tanh, arccosh } = core;

function sweep(
  name: string,
  functions: Readonly<Record<string, Function1>>,
  numbers: readonly number[],
): ConformanceCase {
  const data = [...numbers, NaN].map(Math.fround);
  return {
    name: `far from zero and near it: ${name}`,
    tolerance: tight,
    build(float) {
      const x = input("x", float, ["N"]);
      const results = Object.entries(functions).flatMap(([key, f]) => {
        const y = f(x);
        return [
          [key, y],
          [`slope of ${key}`, grad(sum(y), x, { disconnectedInputs: "ignore" })],
        ] as const;
      });
      return { inputs: { x }, outputs: Object.fromEntries(results) };
    },
    calls: [{ x: given([data.length], data) }],
  };
}

export const farCases: readonly ConformanceCase[] = [
  sweep(
    "functions that stay finite",
    {
      abs,
      arcsinh,
      arctan,
      ceil,
      elu,
      erf,
      floor,
      hardSigmoid,
      leakyRelu,
      neg,
      relu,
      round,
      sigmoid,
      sign,
      softplus,
      tanh,
    },
    both([...small, ...middle, ...large, ...huge]),
  ),
  sweep(
    "functions that grow like exp",
    { cosh, exp, exp2, expm1, sinh },
    both([...small, ...middle, Infinity]),
  ),
  sweep(
    "functions that turn, and powers",
    { cos, sin, sqr, tan },
    both([...small, ...middle, ...large]),
  ),
  sweep("functions of positive numbers", { log, log10, log1p, log2, sqrt }, [
    ...small,
    ...middle,
    ...large,
    ...huge,
    -0.5,
    -0,
  ]),
  sweep("functions within one", { arccos, arcsin, arctanh }, [
    ...both([0, 1e-30, 1e-10, 1e-5, 1e-3, 0.1, 0.5, 0.9, 0.99, 1]),
    2,
    -2,
  ]),
  sweep("functions above one, and shares", { arccosh, reciprocal }, [
    1.001,
    ...middle.slice(1),
    ...large,
    1e7,
    1e10,
    1e18,
  ]),
];
