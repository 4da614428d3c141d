/** One element at a time: functions, operators, types. */
import * as core from "@scan-train/core";
import { grad, sqr, sum, type Tensor } from "@scan-train/core";
import {
  exact,
  flags,
  given,
  input,
  integers,
  loose,
  positive,
  real,
  tight,
  type ConformanceCase,
  type Float,
} from "../case.ts";

const { abs, add, and, arange, cast, ceil, clip, div, elu, eq, erf, exp, exp2, expm1, floor } =
  core;
const { floorDiv, ge, gt, isNaN, leakyRelu, log, log10, log1p, log2, lt, maximum, minimum } = core;
const { mod, mul, ne, neg, not, or, pow, reciprocal, relu, round, sigmoid, sign, sin, cos } = core;
const { sinh, cosh, softplus, sqrt, sub, tan, tanh, where, xor, arcsin, arccos, arctan } = core;
const { arcsinh, arccosh, arctanh, hardSigmoid, stopGradient, gradClip, gradScale } = core;

type Function1 = (x: Tensor) => Tensor;

const everywhere: Readonly<Record<string, Function1>> = {
  abs,
  ceil,
  cos,
  cosh,
  elu,
  erf,
  exp,
  exp2,
  expm1,
  floor,
  hardSigmoid,
  leakyRelu,
  neg,
  relu,
  round,
  sigmoid,
  sign,
  sin,
  sinh,
  softplus,
  sqr,
  tanh,
  arcsinh,
  arctan,
  clip: (x) => clip(x, -0.5, 0.75),
  stopGradient,
  gradClip: (x) => gradClip(x, -0.1, 0.1),
  gradScale: (x) => gradScale(x, 3),
};
const abovePositive: Readonly<Record<string, Function1>> = {
  log,
  log1p,
  log2,
  log10,
  sqrt,
  reciprocal,
  pow: (x) => pow(x, 1.7),
  arccosh: (x) => arccosh(add(x, 1)),
};
const withinOne: Readonly<Record<string, Function1>> = { arcsin, arccos, arctanh, tan };

/** All functions of a table in one program, and the gradient of each. */
function tableCase(
  name: string,
  table: Readonly<Record<string, Function1>>,
  values: ConformanceCase["calls"],
  scale = 1,
): ConformanceCase {
  return {
    name,
    tolerance: loose,
    build(float) {
      const x = input("x", float, [null, 5]);
      const used = scale === 1 ? x : mul(x, scale);
      const values_ = Object.entries(table).map(([key, f]) => [key, f(used)] as const);
      const slopes = values_.map(
        ([key, y]) =>
          [`slope of ${key}`, grad(sum(y), x, { disconnectedInputs: "ignore" })] as const,
      );
      return { inputs: { x }, outputs: Object.fromEntries([...values_, ...slopes]) };
    },
    calls: values,
  };
}

const tables: readonly ConformanceCase[] = [
  tableCase("functions of all numbers, and slopes", everywhere, [
    { x: real(3, 5) },
    { x: real(1, 5) },
    { x: real(17, 5) },
  ]),
  tableCase("functions of positive numbers, and slopes", abovePositive, [
    { x: positive(2, 5) },
    { x: positive(16, 5) },
  ]),
  tableCase("functions within one, and slopes", withinOne, [{ x: real(3, 5) }], 0.4),
];

/** Far out, where drivers differ: every value is one that IEEE 754 fixes, or known to all digits. */
const extremes: ConformanceCase = {
  name: "functions at extremes",
  tolerance: tight,
  build(float) {
    const x = input("x", float, [null]);
    const outputs = {
      tanh: tanh(x),
      sigmoid: sigmoid(x),
      erf: erf(x),
      relu: relu(x),
      sign: sign(x),
      log: log(x),
      sqrt: sqrt(x),
      abs: abs(x),
      isNaN: isNaN(x),
      softplus: softplus(x),
      max: maximum(x, 1),
      min: minimum(x, 1),
      clip: clip(x, -1, 1),
      half: mul(x, 0.5),
      small: expm1(mul(x, 1e-6)),
      isOne: eq(x, 1),
      differs: ne(x, x),
      below: lt(x, 0),
      where: where(gt(x, 0), x, -1),
    };
    return { inputs: { x }, outputs };
  },
  calls: [
    {
      x: given([14], [0, -0, 1e-8, -1e-8, 1, -1, 20, -20, 88, 100, -100, Infinity, -Infinity, NaN]),
    },
  ],
};

const operators: ConformanceCase = {
  name: "operators with broadcasting, and slopes",
  tolerance: loose,
  build(float) {
    const [x, y, z, s] = [
      input("x", float, [null, 1, 3]),
      input("y", float, [4, 1]),
      input("z", float, [3]),
      input("s", float, []),
    ];
    const outputs: Record<string, Tensor> = {
      add: add(x, y),
      sub: sub(x, z),
      mul: mul(y, s),
      div: div(x, add(sqr(z), 1)),
      pow: pow(add(sqr(x), 0.5), z),
      maximum: maximum(x, y),
      minimum: minimum(z, s),
      floorDiv: floorDiv(x, 0.75),
      mod: mod(x, 0.75),
      compare: cast(ge(x, y), float),
      where: where(lt(x, y), z, s),
    };
    const smooth = [
      outputs["add"],
      outputs["mul"],
      outputs["div"],
      outputs["pow"],
      outputs["where"],
    ];
    const cost = smooth.map((t) => sum(sqr(t ?? x))).reduce<Tensor>((a, b) => add(a, b), sum(x));
    const [gx, gy, gz, gs] = grad(cost, [x, y, z, s]);
    return { inputs: { x, y, z, s }, outputs: { ...outputs, gx, gy, gz, gs } };
  },
  calls: [
    { x: real(2, 1, 3), y: real(4, 1), z: real(3), s: real() },
    { x: real(5, 1, 3), y: real(4, 1), z: real(3), s: real() },
  ],
};

const wholeNumbers: ConformanceCase = {
  name: "int32: wraps, division by zero, Python's // and %",
  tolerance: exact,
  build() {
    const [x, y] = [input("x", "int32", [null]), input("y", "int32", [null])];
    const outputs = {
      add: add(x, y),
      sub: sub(x, y),
      mul: mul(mul(x, 123_456_789), y),
      neg: neg(x),
      abs: abs(x),
      floorDiv: floorDiv(x, y),
      mod: mod(x, y),
      max: maximum(x, y),
      min: minimum(x, y),
      sign: sign(x),
      lt: lt(x, y),
      eq: eq(x, y),
      where: where(gt(x, 0), x, y),
      toFloat: cast(x, "float32"),
      toBool: cast(x, "bool"),
      position: add(arange(5), x.size(0)),
    };
    return { inputs: { x, y }, outputs };
  },
  calls: [
    { x: integers(-9, 9, 7), y: given([7], [3, -3, 1, 2, 0, 5, -7]) },
    { x: given([4], [2147483647, -2147483648, -1, 0]), y: given([4], [1, -1, 0, 0]) },
  ],
};

const booleans: ConformanceCase = {
  name: "booleans",
  tolerance: exact,
  build() {
    const [x, y] = [input("x", "bool", [null]), input("y", "bool", [null])];
    const outputs = {
      and: and(x, y),
      or: or(x, y),
      xor: xor(x, y),
      not: not(x),
      eq: eq(x, y),
      add: add(x, y),
      toInt: cast(x, "int32"),
      toFloat: cast(y, "float32"),
      where: where(x, 1, 2),
    };
    return { inputs: { x, y }, outputs };
  },
  calls: [{ x: flags(9), y: flags(9) }],
};

const conversions: ConformanceCase = {
  name: "float32 to int32 and bool: saturates, NaN is 0",
  tolerance: exact,
  build() {
    const x = input("x", "float32", [null]);
    return { inputs: { x }, outputs: { int: cast(x, "int32"), bool: cast(x, "bool") } };
  },
  calls: [{ x: given([9], [0, -0, 0.9, -1.9, 3e9, -3e9, Infinity, -Infinity, NaN]) }],
};

/** More arrays than a kernel may bind. */
const many: ConformanceCase = {
  name: "an expression of twenty arrays",
  tolerance: loose,
  build(float: Float) {
    const inputs = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [`x${i}`, input(`x${i}`, float, ["N"])]),
    );
    const all = Object.values(inputs);
    const total = all.reduce<Tensor>((a, b, i) => add(a, mul(b, i + 1)), all[0] ?? add(0, 0));
    const gradients = grad(sum(sqr(total)), all);
    return {
      inputs,
      outputs: { total, first: gradients[0] ?? total, last: gradients[19] ?? total },
    };
  },
  calls: [Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x${i}`, real(7)]))],
};

export const elementwiseCases: readonly ConformanceCase[] = [
  ...tables,
  extremes,
  operators,
  wholeNumbers,
  booleans,
  conversions,
  many,
];
