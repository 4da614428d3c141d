// One row per op: how it is built, from what, and in which inputs it is differentiable. Tests of types, derivatives, batching and
// backends all read this table.
import type { NDArray } from "../../src/graph/ndarray.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { arange, oneHot, sizeValue } from "../../src/ops/arange.ts";
import { argmax, argmin } from "../../src/ops/argmax.ts";
import * as arithmetic from "../../src/ops/arithmetic.ts";
import { all, any, max, mean, min, prod } from "../../src/ops/axes.ts";
import { broadcastTo, sum } from "../../src/ops/broadcast.ts";
import { cast } from "../../src/ops/cast.ts";
import * as compare from "../../src/ops/compare.ts";
import { concatenate, split, stack, unstack } from "../../src/ops/concatenate.ts";
import { dimshuffle, expandDims, moveAxis, squeeze, transpose } from "../../src/ops/dimshuffle.ts";
import { dot, matmulBatched, outer } from "../../src/ops/dot.ts";
import { gradClip, gradScale, stopGradient } from "../../src/ops/gradient-walls.ts";
import * as inverse from "../../src/ops/inverse-functions.ts";
import { and, not, or, where, xor } from "../../src/ops/logic.ts";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
} from "../../src/ops/losses.ts";
import { matmul, matmulAdd } from "../../src/ops/matmul.ts";
import { pow } from "../../src/ops/pow.ts";
import { foldIn, key, split as splitKey } from "../../src/ops/random-key.ts";
import { bernoulli, gumbel, normal, randint, randomBits, uniform } from "../../src/ops/random.ts";
import { flatten, reshape } from "../../src/ops/reshape.ts";
import { reverse, sliceAxis } from "../../src/ops/slice.ts";
import { logSoftmax, logSumExp, softmax } from "../../src/ops/softmax.ts";
import { incSubtensor, index, setSubtensor, take } from "../../src/ops/subtensor.ts";
import { takeAlongLast } from "../../src/ops/take-along.ts";
import * as transcendental from "../../src/ops/transcendental.ts";
import { flags, given, integers, positive, real, reals } from "./samples.ts";

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
}

type Build = OpSpec["build"];
type Cases = OpSpec["cases"];

function row(name: string, build: Build, cases: Cases, more: Partial<OpSpec> = {}): OpSpec {
  const floating = (cases[0] ?? []).flatMap((x, i) => (x.dtype === "float64" ? [i] : []));
  return { name, build, cases, wrt: floating, symbolic: true, lower: true, ...more };
}

const noGradient = { wrt: [] } as const;
const unary = (sample: (...shape: number[]) => NDArray = real): Cases => [
  [sample()],
  [sample(3)],
  [sample(2, 5)],
];
const binary = (x = real, y = real): Cases => [
  [x(3), y(3)],
  [x(2, 3), y(3)],
  [x(2, 1, 3), y(4, 1)],
  [x(), y(2, 2)],
];
const someInts = (): Cases => [
  [integers([7], -9, 9), given("int32", [7], [3, -3, 1, 2, -2, 5, -7])],
];

const { add, sub, mul, div, floorDiv, mod, neg, abs, sign, sqr, sqrt, reciprocal } = arithmetic;

const { exp, expm1, tanh, sigmoid, erf, sin, cos, softplus, relu } = transcendental;
const { hardSigmoid, sinh, cosh, exp2, log, log1p, log2, log10 } = transcendental;
type Function1 = (x: Tensor) => Tensor;
const everywhere: Record<string, Function1> = {
  exp,
  expm1,
  tanh,
  sigmoid,
  erf,
  sin,
  cos,
  softplus,
  relu,
  hardSigmoid,
  sinh,
  cosh,
  exp2,
};
const abovePositive: Record<string, Function1> = { log, log1p, log2, log10 };

const elementwise: OpSpec[] = [
  row("add", add, binary()),
  row("add of int32", add, someInts()),
  row("add of bool", add, [[flags(8), flags(8)]]),
  row("add of mixed dtypes", (x, y) => add(x, y), [[real(3), integers([3], 0, 9)]]),
  row("add of a number", (x) => add(x, 2.5), unary()),
  row("sub", sub, binary()),
  row("mul", mul, binary()),
  row("mul of int32 wraps", (x, y) => mul(mul(x, 123456789), y), someInts()),
  row("div", div, binary(real, positive)),
  row("div of int32", div, someInts()),
  row("floorDiv", floorDiv, binary(real, positive)),
  row("floorDiv of int32", floorDiv, someInts()),
  row("mod", mod, [[reals([6], -9, 9), given("float64", [6], [2, -2, 3, -3.5, 0.75, 1.5])]]),
  row("mod of int32", mod, someInts()),
  row("neg", neg, unary()),
  row("abs", abs, unary()),
  row("sign", sign, unary()),
  row("sqr", sqr, unary()),
  row("sqrt", sqrt, unary(positive)),
  row("reciprocal", reciprocal, unary(positive)),
  row("floor", arithmetic.floor, unary()),
  row("ceil", arithmetic.ceil, unary()),
  row("round", arithmetic.round, unary()),
  row("maximum", arithmetic.maximum, binary()),
  row("minimum", arithmetic.minimum, binary()),
  row("clip", (x) => arithmetic.clip(x, -0.5, 0.75), unary()),
  row("pow", pow, binary(positive, real)),
  row("pow of 16", (x) => pow(x, 16), [[reals([4], -1.2, 1.2)]]),
  row("pow of -3", (x) => pow(x, -3), unary(positive)),
  row("pow of 0.5", (x) => pow(x, 0.5), unary(positive)),
  row("pow of 2.5", (x) => pow(x, 2.5), unary(positive)),
  row("lt", compare.lt, binary(), noGradient),
  row("le", compare.le, someInts(), noGradient),
  row("gt", compare.gt, binary(), noGradient),
  row("ge", compare.ge, someInts(), noGradient),
  row("eq", compare.eq, [[integers([9], 0, 3), integers([9], 0, 3)]], noGradient),
  row("ne", compare.ne, [[integers([9], 0, 3), integers([9], 0, 3)]], noGradient),
  row(
    "and",
    and,
    [
      [flags(8), flags(8)],
      [integers([4], -9, 9), integers([4], -9, 9)],
    ],
    noGradient,
  ),
  row(
    "or",
    or,
    [
      [flags(8), flags(8)],
      [integers([4], -9, 9), integers([4], -9, 9)],
    ],
    noGradient,
  ),
  row(
    "xor",
    xor,
    [
      [flags(8), flags(8)],
      [integers([4], -9, 9), integers([4], -9, 9)],
    ],
    noGradient,
  ),
  row("not", (x) => not(x), [[flags(8)], [integers([4], -9, 9)]], noGradient),
  row("where", where, [
    [flags(6), real(6), real(6)],
    [flags(2, 1), real(3), real()],
  ]),
  row("cast to int32", (x) => cast(x, "int32"), [[reals([9], -9, 9)]], noGradient),
  row("cast to bool", (x) => cast(x, "bool"), [[given("float64", [3], [0, 0.5, -2])]], noGradient),
  row("cast to float32", (x) => cast(cast(x, "int32"), "float32"), [[real(4)]], noGradient),
  ...Object.entries(everywhere).map(([name, f]) => row(name, (x) => f(x), unary())),
  ...Object.entries(abovePositive).map(([name, f]) => row(name, (x) => f(x), unary(positive))),
  row("tan", (x) => transcendental.tan(x), [[reals([5], -1, 1)]]),
  row("arctan", (x) => inverse.arctan(x), [[reals([7], -4, 4)], [real()]]),
  row("arcsin", (x) => inverse.arcsin(x), [[reals([7], -0.99, 0.99)]]),
  row("arccos", (x) => inverse.arccos(x), [[reals([7], -0.99, 0.99)]]),
  row("arcsinh", (x) => inverse.arcsinh(x), [[real(7)], [given("float64", [3], [0, 1e9, -3e-9])]]),
  row("arccosh", (x) => inverse.arccosh(x), [[reals([7], 1.1, 4)]]),
  row("arctanh", (x) => inverse.arctanh(x), [[reals([7], -0.9, 0.9)]]),
  row("leakyRelu", (x) => transcendental.leakyRelu(x, 0.2), unary()),
  row("elu", (x) => transcendental.elu(x, 1.5), unary()),
];

const reductions: OpSpec[] = [
  row("sum", (x) => sum(x), unary()),
  row("sum over one axis", (x) => sum(x, 0), [[real(3)], [real(4, 5)], [real(2, 3, 4)]]),
  row("sum with keepdims", (x) => sum(x, [0, -1], { keepdims: true }), [
    [real(4, 5)],
    [real(2, 3, 4)],
  ]),
  row("sum of int32", (x) => sum(x, 0), [[integers([4, 3], -9, 9)]]),
  row("sum of bool", (x) => sum(x, 1), [[flags(4, 9)]]),
  row("sum of long rows", (x) => sum(x, -1), [[real(2, 300)]]),
  row("sum of long columns", (x) => sum(x, 0), [[real(300, 2)]]),
  row("sum of nothing", (x) => sum(x, 0), [[real(0, 3)]]),
  row("mean", (x) => mean(x, 1), [[real(3, 4)]]),
  row("mean of int32", (x) => mean(x), [[integers([7], -9, 9)]]),
  row("prod", (x) => prod(x, 1), [
    [real(3, 4)],
    [given("float64", [3, 3], [1, 0, 2, 0, 0, 3, 1, 2, 3])],
  ]),
  row("prod over several axes", (x) => prod(x, [0, 2], { keepdims: true }), [[real(2, 3, 2)]]),
  row("max", (x) => max(x, 1), [[real(3, 4)], [real(2, 3, 2)]]),
  row("min", (x) => min(x, 0, { keepdims: true }), [[real(3, 4)]]),
  row("max of int32", (x) => max(x), [[integers([3, 4], -9, 9)]]),
  row("any", (x) => any(x, 1), [[flags(3, 2)]], noGradient),
  row("all", (x) => all(x, 0), [[flags(2, 5)]], noGradient),
  row("argmax", (x) => argmax(x, -1), [[real(3, 4)], [integers([2, 6], 0, 3)]], noGradient),
  row("argmin", (x) => argmin(x, 0), [[real(3, 4)]], noGradient),
  row("argmax of all", (x) => argmax(x), [[real(3, 4)]], noGradient),
  row("softmax", (x) => softmax(x), [[real(4)], [real(3, 5)], [real(2, 2, 3)]]),
  row("softmax over axis 0", (x) => softmax(x, 0), [[real(3, 5)]]),
  row("logSoftmax", (x) => logSoftmax(x), [[real(4)], [real(3, 5)]]),
  row("logSumExp", (x) => logSumExp(x), [[real(4)], [real(3, 5)]]),
];

const walls: OpSpec[] = [
  row("stopGradient", (x) => stopGradient(x), unary(), noGradient),
  row("gradClip", (x) => gradClip(x, -1, 1), unary(), noGradient),
  row("gradScale", (x, factor) => gradScale(x, factor), [[real(3), real()]], noGradient),
  row("gradScale by 1", (x) => gradScale(x, 1), unary()),
];

const layouts: OpSpec[] = [
  row("broadcastTo", (x) => broadcastTo(x, [4, 2, 3]), [[real(3)], [real(2, 1)], [real()]]),
  row("dimshuffle", (x) => dimshuffle(x, [1, "x", 0]), [[real(3, 2)]]),
  row("dimshuffle that drops", (x) => dimshuffle(x, [2, 0]), [[real(3, 1, 2)]]),
  row("transpose", (x) => transpose(x), [[real(3)], [real(3, 2)], [real(2, 3, 4)]]),
  row("expandDims", (x) => expandDims(x, -1), [[real(3)], [real(3, 2)]]),
  row("squeeze", (x) => squeeze(x), [[real(1, 3, 1)]]),
  row("moveAxis", (x) => moveAxis(x, 0, -1), [[real(2, 3, 4)]]),
  row("reshape", (x) => reshape(x, [3, -1]), [[real(6)], [real(2, 3)], [real(2, 3, 2)]]),
  row("flatten", (x) => flatten(x), [[real(2, 3)], [real()]]),
  row("concatenate", (x, y) => concatenate([x, y, x], 1), [[real(2, 3), real(2, 2)]]),
  row("concatenate with nothing", (x, y) => concatenate([x, y], 1), [[real(2, 1), real(2, 0)]], {
    lower: false,
  }),
  row("stack", (x, y) => stack([x, y], 1), [[real(2, 3), real(2, 3)]]),
  row("split", (x) => sub(...pair(split(x, [2, 2], 1))), [[real(3, 4)]]),
  row("unstack", (x) => mul(...pair(unstack(x, 1))), [[real(3, 2)]], { symbolic: false }),
  row("slice", (x) => sliceAxis(x, 1, 1, 2), [[real(3, 4)], [real(2, 3)]]),
  row("reverse", (x) => reverse(x, 1), [[real(3, 4)]]),
  row("arange", (x) => add(x, arange(1, 7, 2)), [[real(3)]]),
  row("arange down", (x) => add(x, arange(7, 1, -2)), [[real(3)]]),
  row("sizeValue", (x) => mul(x, sizeValue(x.shape[0] ?? 0)), [[real(3)]]),
  row("oneHot", (x) => oneHot(x, 4), [[integers([5], 0, 4)], [integers([2, 3], 0, 4)]]),
];

function pair<T>([x, y]: readonly T[]): [T, T] {
  if (x === undefined || y === undefined) throw new Error("not a pair");
  return [x, y];
}

const products: OpSpec[] = [
  row("dot", dot, [
    [real(3), real(3)],
    [real(2, 3), real(3)],
    [real(3), real(3, 4)],
    [real(2, 3), real(3, 4)],
    [real(2, 2, 3), real(3, 4)],
    [real(2, 2, 3), real(3)],
    [real(2, 3), real(2, 3, 4)],
    [real(3), real(2, 3, 4)],
    [real(), real(2)],
    [real(0, 3), real(3, 2)],
    [real(2, 0), real(0, 2)],
  ]),
  row("dot of long rows", dot, [[real(2, 600), real(600, 3)]]),
  row("dot of int32", dot, [[integers([2, 3], -9, 9), integers([3, 2], -9, 9)]]),
  row("matmul", matmul, [
    [real(2, 3), real(3, 4)],
    [real(2, 2, 3), real(2, 3, 1)],
  ]),
  row("matmulAdd", matmulAdd, [
    [real(2, 3), real(3, 4), real(2, 4)],
    [real(2, 300), real(300, 3), real(2, 3)],
  ]),
  row("matmulBatched", matmulBatched, [
    [real(5, 2, 3), real(5, 3, 4)],
    [real(2, 3), real(5, 3, 4)],
    [real(2, 1, 2, 3), real(3, 3, 2)],
    [real(3), real(2, 3, 2)],
  ]),
  row("outer", outer, [[real(3), real(4)]]),
];

const ids = (...values: number[]): NDArray => given("int32", [values.length], values);
const place = (value: number): NDArray => given("int32", [], [value]);

const indexing: OpSpec[] = [
  row("index by a place", (x) => index(x, 1), [[real(3)], [real(3, 2)]]),
  row("index by a place from the end", (x) => index(x, "...", -1), [[real(3)], [real(3, 2)]]),
  row("index by slices", (x) => index(x, { start: 1 }, { stop: -1 }), [[real(3, 4)], [real(1, 1)]]),
  row("index by steps", (x) => index(x, { step: -2 }, null, { start: 1, step: 2 }), [[real(5, 4)]]),
  row("index by a slice that is too long", (x) => index(x, { start: -9, stop: 9 }), [[real(3)]]),
  row("index by a backward slice", (x) => index(x, { start: -2, stop: 0, step: -1 }), [
    [real(5)],
    [real(1)],
  ]),
  row("index by a scalar", (x, i) => index(x, i), [
    [real(3), place(2)],
    [real(3, 2), place(-3)],
  ]),
  row("index by a scalar and a slice", (x, i) => index(x, { start: 1 }, i), [
    [real(3, 2), place(-1)],
  ]),
  row("index by an array", (x, i) => index(x, i), [
    [real(3), ids(2, 0, -1, 2)],
    [real(3, 2), given("int32", [2, 2], [0, 1, 1, 2])],
  ]),
  row("index by an array on axis 1", (x, i) => index(x, { step: -1 }, i), [
    [real(3, 4), ids(2, 0, 3)],
  ]),
  row("index by two arrays", (x, i, j) => index(x, i, j), [
    [real(3, 4, 2), ids(2, 0, 2), ids(1, 3, 1)],
  ]),
  row("index by two arrays apart", (x, i, j) => index(x, i, { stop: 2 }, j), [
    [real(3, 4, 2), ids(2, 0, 2), ids(1, 0, 1)],
  ]),
  row("index by an array and a place apart", (x, i) => index(x, 1, { stop: 2 }, i), [
    [real(3, 4, 2), ids(1, 0, 1)],
  ]),
  row("take", (x, i) => take(x, i, 1), [[real(2, 4), given("int32", [2, 2], [3, 0, 3, 1])]]),
  row("takeAlongLast", takeAlongLast, [
    [real(3, 4), ids(2, -1, 0)],
    [real(4), place(1)],
  ]),
  row("setSubtensor at a slice", (x, y) => setSubtensor(x, [{ start: 1 }], y), [
    [real(3, 2), real(2, 2)],
    [real(3, 2), real(2)],
    [real(3, 2), real()],
  ]),
  row("setSubtensor at a place", (x, y) => setSubtensor(x, ["...", 0], y), [[real(3, 2), real(3)]]),
  row("setSubtensor at a scalar", (x, y, i) => setSubtensor(x, [i], y), [
    [real(3, 2), real(2), place(-1)],
  ]),
  row("setSubtensor at an array", (x, y, i) => setSubtensor(x, [i], y), [
    [real(4, 2), real(3, 2), ids(1, 3, 1)],
  ]),
  row("setSubtensor at two arrays", (x, y, i, j) => setSubtensor(x, [i, j], y), [
    [real(4, 2), real(3), ids(1, 3, 1), ids(0, 1, 0)],
  ]),
  row("incSubtensor at a slice", (x, y) => incSubtensor(x, [{ step: 2 }], y), [
    [real(3, 2), real(2, 2)],
    [real(4), real()],
  ]),
  row("incSubtensor at a place", (x, y) => incSubtensor(x, [1], y), [[real(3, 2), real(2)]]),
  row("incSubtensor at an array", (x, y, i) => incSubtensor(x, [i], y), [
    [real(4, 2), real(3, 2), ids(1, 3, 1)],
    [real(4), real(), ids(0, 0, 0)],
  ]),
  row("incSubtensor at a slice and an array", (x, y, i) => incSubtensor(x, [{ start: 1 }, i], y), [
    [real(3, 4), real(2, 3), ids(1, 3, 1)],
  ]),
];

const losses: OpSpec[] = [
  row("crossEntropy of labels", (x, y) => crossEntropy(x, y), [
    [real(4), place(2)],
    [real(3, 4), ids(2, 0, 3)],
    [real(2, 2, 3), given("int32", [2, 2], [0, 1, 2, 1])],
  ]),
  row("crossEntropy of probabilities", (x, y) => crossEntropy(x, y), [
    [real(3, 4), positive(3, 4)],
  ]),
  row("binaryCrossEntropy", (x, y) => binaryCrossEntropy(x, y), [
    [reals([4], 0.1, 0.9), reals([4], 0, 1)],
  ]),
  row("binaryCrossEntropyWithLogits", (x, y) => binaryCrossEntropyWithLogits(x, y), [
    [real(4), reals([4], 0, 1)],
    [given("float64", [1], [0]), reals([1], 0, 1)],
  ]),
];

const keyed = { wrt: [], symbolic: false } as const;
const words = [[given("int32", [2], [7, 9])]];
const random: OpSpec[] = [
  row("randomBits", (k) => randomBits(k, [3, 5]), words, keyed),
  row("uniform", (k) => uniform(k, [3, 5]), words, keyed),
  row(
    "uniform of float64",
    (k) => uniform(k, [9], { low: -1, high: 3, dtype: "float64" }),
    words,
    keyed,
  ),
  row("gumbel", (k) => gumbel(k, [9], "float64"), words, keyed),
  row("normal", (k) => normal(k, [4]), words, { ...keyed, lower: false }),
  row("bernoulli", (k) => bernoulli(k, 0.3, [9]), words, keyed),
  row("randint", (k) => randint(k, -2, 5, [9]), words, keyed),
  row("split of a key", (k) => splitKey(k, 3), words, keyed),
  row("foldIn", (k, i) => foldIn(k, i), [[given("int32", [2], [7, 9]), place(5)]], keyed),
  row("key of a tensor", (i) => key(i), [[place(5)]], keyed),
];

export const opSpecs: readonly OpSpec[] = [
  ...elementwise,
  ...reductions,
  ...walls,
  ...layouts,
  ...products,
  ...indexing,
  ...losses,
  ...random,
];
