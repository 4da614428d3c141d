/** Axes that go away, and softmax over those that stay. */
import { argmax, argmin } from "../../../src/ops/argmax.ts";
import { all, any, max, mean, min, prod } from "../../../src/ops/axes.ts";
import { sum } from "../../../src/ops/broadcast.ts";
import { logSoftmax, logSumExp, softmax } from "../../../src/ops/softmax.ts";
import { flags, given, integers, real } from "../samples.ts";
import { exactRow, noGradient, row, unary, type OpSpec } from "./op-spec.ts";

export const reductions: OpSpec[] = [
  row("sum", (x) => sum(x), unary()),
  row("sum over one axis", (x) => sum(x, 0), [[real(3)], [real(4, 5)], [real(2, 3, 4)]]),
  row("sum with keepdims", (x) => sum(x, [0, -1], { keepdims: true }), [
    [real(4, 5)],
    [real(2, 3, 4)],
  ]),
  exactRow("sum of int32", (x) => sum(x, 0), [[integers([4, 3], -9, 9)]]),
  exactRow("sum of bool", (x) => sum(x, 1), [[flags(4, 9)]]),
  row("sum of long rows", (x) => sum(x, -1), [[real(2, 300)]]),
  row("sum of long columns", (x) => sum(x, 0), [[real(300, 2)]]),
  exactRow("sum of nothing", (x) => sum(x, 0), [[real(0, 3)]]),
  row("mean", (x) => mean(x, 1), [[real(3, 4)]]),
  row("mean of int32", (x) => mean(x), [[integers([7], -9, 9)]]),
  row("prod", (x) => prod(x, 1), [
    [real(3, 4)],
    [given("float64", [3, 3], [1, 0, 2, 0, 0, 3, 1, 2, 3])],
  ]),
  row("prod over several axes", (x) => prod(x, [0, 2], { keepdims: true }), [[real(2, 3, 2)]]),
  exactRow("max", (x) => max(x, 1), [[real(3, 4)], [real(2, 3, 2)]]),
  exactRow("min", (x) => min(x, 0, { keepdims: true }), [[real(3, 4)]]),
  exactRow("max of int32", (x) => max(x), [[integers([3, 4], -9, 9)]]),
  exactRow("any", (x) => any(x, 1), [[flags(3, 2)]], noGradient),
  exactRow("all", (x) => all(x, 0), [[flags(2, 5)]], noGradient),
  exactRow("argmax", (x) => argmax(x, -1), [[real(3, 4)], [integers([2, 6], 0, 3)]], noGradient),
  exactRow("argmin", (x) => argmin(x, 0), [[real(3, 4)]], noGradient),
  exactRow("argmax of all", (x) => argmax(x), [[real(3, 4)]], noGradient),
  row("softmax", (x) => softmax(x), [[real(4)], [real(3, 5)], [real(2, 2, 3)]]),
  row("softmax over axis 0", (x) => softmax(x, 0), [[real(3, 5)]]),
  row("logSoftmax", (x) => logSoftmax(x), [[real(4)], [real(3, 5)]]),
  row("logSumExp", (x) => logSumExp(x), [[real(4)], [real(3, 5)]]),
];
