/** One element at a time. */
import type { Tensor } from "../../../src/graph/tensor.ts";
import * as arithmetic from "../../../src/ops/arithmetic.ts";
import { cast } from "../../../src/ops/cast.ts";
import * as compare from "../../../src/ops/compare.ts";
import * as inverse from "../../../src/ops/inverse-functions.ts";
import { and, not, or, where, xor } from "../../../src/ops/logic.ts";
import { pow } from "../../../src/ops/pow.ts";
import * as transcendental from "../../../src/ops/transcendental.ts";
import { flags, given, integers, positive, real, reals } from "../samples.ts";
import { exactRow, binary, noGradient, row, someInts, unary, type OpSpec } from "./op-spec.ts";

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

export const elementwise: OpSpec[] = [
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
  exactRow("floorDiv", floorDiv, binary(real, positive)),
  exactRow("floorDiv of int32", floorDiv, someInts()),
  row("mod", mod, [[reals([6], -9, 9), given("float64", [6], [2, -2, 3, -3.5, 0.75, 1.5])]]),
  exactRow("mod of int32", mod, someInts()),
  exactRow("neg", neg, unary()),
  exactRow("abs", abs, unary()),
  exactRow("sign", sign, unary()),
  row("sqr", sqr, unary()),
  row("sqrt", sqrt, unary(positive)),
  row("reciprocal", reciprocal, unary(positive)),
  exactRow("floor", arithmetic.floor, unary()),
  exactRow("ceil", arithmetic.ceil, unary()),
  exactRow("round", arithmetic.round, unary()),
  row("maximum", arithmetic.maximum, binary()),
  row("minimum", arithmetic.minimum, binary()),
  exactRow("clip", (x) => arithmetic.clip(x, -0.5, 0.75), unary()),
  row("pow", pow, binary(positive, real)),
  row("pow of 16", (x) => pow(x, 16), [[reals([4], -1.2, 1.2)]]),
  row("pow of -3", (x) => pow(x, -3), unary(positive)),
  row("pow of 0.5", (x) => pow(x, 0.5), unary(positive)),
  row("pow of 2.5", (x) => pow(x, 2.5), unary(positive)),
  exactRow("lt", compare.lt, binary(), noGradient),
  exactRow("le", compare.le, someInts(), noGradient),
  exactRow("gt", compare.gt, binary(), noGradient),
  exactRow("ge", compare.ge, someInts(), noGradient),
  exactRow("eq", compare.eq, [[integers([9], 0, 3), integers([9], 0, 3)]], noGradient),
  exactRow("ne", compare.ne, [[integers([9], 0, 3), integers([9], 0, 3)]], noGradient),
  exactRow(
    "and",
    and,
    [
      [flags(8), flags(8)],
      [integers([4], -9, 9), integers([4], -9, 9)],
    ],
    noGradient,
  ),
  exactRow(
    "or",
    or,
    [
      [flags(8), flags(8)],
      [integers([4], -9, 9), integers([4], -9, 9)],
    ],
    noGradient,
  ),
  exactRow(
    "xor",
    xor,
    [
      [flags(8), flags(8)],
      [integers([4], -9, 9), integers([4], -9, 9)],
    ],
    noGradient,
  ),
  exactRow("not", (x) => not(x), [[flags(8)], [integers([4], -9, 9)]], noGradient),
  row("where", where, [
    [flags(6), real(6), real(6)],
    [flags(2, 1), real(3), real()],
  ]),
  exactRow("cast to int32", (x) => cast(x, "int32"), [[reals([9], -9, 9)]], noGradient),
  exactRow(
    "cast to bool",
    (x) => cast(x, "bool"),
    [[given("float64", [3], [0, 0.5, -2])]],
    noGradient,
  ),
  exactRow("cast to float32", (x) => cast(cast(x, "int32"), "float32"), [[real(4)]], noGradient),
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
