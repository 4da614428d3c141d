/** Operators and folds of what is no ordinary number: zeros with signs, infinities, NaN, the ends of int32. */
import * as core from "@scan-train/core";
import { grad, sum, type Tensor } from "@scan-train/core";
import { exact, flags, given, input, tight, type ConformanceCase } from "../case.ts";

const { add, sub, mul, div, floorDiv, mod, pow, maximum, minimum, cast, abs, neg, sign } = core;
const { lt, le, gt, ge, eq, ne, isNaN, where, clip, relu, and, or, xor, not } = core;

type Function2 = (x: Tensor, y: Tensor) => Tensor;

/** Every pair of these. */
function pairs(values: readonly number[]): ConformanceCase["calls"] {
  const data = values.flatMap((x) => values.map((y) => [x, y] as const));
  const n = data.length;
  return [
    {
      x: given(
        [n],
        data.map(([x]) => x),
      ),
      y: given(
        [n],
        data.map(([, y]) => y),
      ),
    },
  ];
}

const named = (functions: Readonly<Record<string, Function2>>, x: Tensor, y: Tensor) =>
  Object.fromEntries(Object.entries(functions).map(([name, f]) => [name, f(x, y)]));

const compares = { lt, le, gt, ge, eq, ne };
const specials = [0, -0, 0.5, 1, -1, 2, -2.5, 3, -3, 1e4, Infinity, -Infinity, NaN];

const floats: ConformanceCase = {
  name: "operators of zeros, infinities and NaN, and slopes",
  tolerance: tight,
  build(float) {
    const [x, y] = [input("x", float, ["N"]), input("y", float, ["N"])];
    const chosen: Function2 = (a, b) => where(gt(a, 0), b, a);
    const smooth = { add, sub, mul, div, maximum, minimum, chosen };
    const slopes = Object.entries(smooth).flatMap(([name, f]) =>
      grad(sum(f(x, y)), [x, y]).map((slope, i) => [`slope ${i} of ${name}`, slope] as const),
    );
    return {
      inputs: { x, y },
      outputs: {
        ...named({ ...smooth, ...compares, pow, floorDiv, mod }, x, y),
        ...Object.fromEntries(slopes),
        clip: clip(x, -1, 2),
        relu: relu(x),
        isNaN: isNaN(x),
      },
    };
  },
  calls: pairs(specials),
};

const ends = [0, 1, -1, 2, -3, 7, 46341, -65536, 2147483647, -2147483648];

const integers: ConformanceCase = {
  name: "operators of int32 up to both ends",
  tolerance: exact,
  build() {
    const [x, y] = [input("x", "int32", ["N"]), input("y", "int32", ["N"])];
    const bits = { and, or, xor };
    return {
      inputs: { x, y },
      outputs: {
        ...named({ add, sub, mul, floorDiv, mod, maximum, minimum, ...bits, ...compares }, x, y),
        abs: abs(x),
        neg: neg(x),
        sign: sign(x),
        not: not(x),
        square: core.sqr(x),
        share: div(x, y),
        single: cast(x, "float32"),
      },
    };
  },
  calls: pairs(ends),
};

/** Rows that are ordinary, hold NaN, infinities of both signs, and nothing but the least. */
const rows = [
  [1, 2, 3, -4, 5],
  [1, NaN, 3, 2, 2],
  [Infinity, 1, 2, 3, Infinity],
  [Infinity, -Infinity, 0, 1, 2],
  [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
  [0, -0, 0, -0, 0],
  [3e38, 3e38, 1, -3e38, 0],
];

const folds: ConformanceCase = {
  name: "folds and softmax of rows with infinities and NaN",
  tolerance: tight,
  build(float) {
    const x = input("x", float, ["N", 5]);
    const outputs = {
      sum: sum(x, 1),
      max: core.max(x, 1),
      min: core.min(x, 1),
      argmax: core.argmax(x, 1),
      argmin: core.argmin(x, 1),
      columns: core.max(x, 0),
      "arg of columns": core.argmin(x, 0),
      softmax: core.softmax(x),
      logSoftmax: core.logSoftmax(x),
      logSumExp: core.logSumExp(x, 1),
    };
    return { inputs: { x }, outputs };
  },
  calls: [
    ...rows.slice(0, -1).map((row) => ({ x: given([1, 5], row) })),
    { x: given([rows.length - 1, 5], rows.slice(0, -1).flat()) },
  ],
};

const nothing: ConformanceCase = {
  name: "folds of nothing",
  tolerance: tight,
  build(float) {
    const [x, b] = [input("x", float, ["N", 2]), input("b", "bool", ["N", 2])];
    return {
      inputs: { x, b },
      outputs: {
        sum: sum(x, 0),
        all: core.all(b, 0),
        any: core.any(b, 0),
        prod: core.prod(x, 0),
        mean: core.mean(x, 0),
        sumExp: core.logSumExp(x, 0),
        product: core.dot(core.transpose(x), x),
        count: sum(cast(b, "int32")),
      },
    };
  },
  calls: [
    { x: given([0, 2], []), b: flags(0, 2) },
    { x: given([1, 2], [1, 2]), b: flags(1, 2) },
  ],
};

export const specialCases: readonly ConformanceCase[] = [floats, integers, folds, nothing];
