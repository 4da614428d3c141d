/** Elements elsewhere, and walls for gradients. */
import { arange, oneHot, sizeValue } from "../../../src/ops/arange.ts";
import { add, mul, sub } from "../../../src/ops/arithmetic.ts";
import { broadcastTo } from "../../../src/ops/broadcast.ts";
import { concatenate, split, stack, unstack } from "../../../src/ops/concatenate.ts";
import {
  dimshuffle,
  expandDims,
  moveAxis,
  squeeze,
  transpose,
} from "../../../src/ops/dimshuffle.ts";
import { gradClip, gradScale, stopGradient } from "../../../src/ops/gradient-walls.ts";
import { flatten, reshape } from "../../../src/ops/reshape.ts";
import { reverse, sliceAxis } from "../../../src/ops/slice.ts";
import { integers, real } from "../samples.ts";
import { exactRow, noGradient, row, unary, type OpSpec } from "./op-spec.ts";

export const walls: OpSpec[] = [
  exactRow("stopGradient", (x) => stopGradient(x), unary(), noGradient),
  exactRow("gradClip", (x) => gradClip(x, -1, 1), unary(), noGradient),
  exactRow("gradScale", (x, factor) => gradScale(x, factor), [[real(3), real()]], noGradient),
  exactRow("gradScale by 1", (x) => gradScale(x, 1), unary()),
];

export const layouts: OpSpec[] = [
  row("broadcastTo", (x) => broadcastTo(x, [4, 2, 3]), [[real(3)], [real(2, 1)], [real()]]),
  exactRow("dimshuffle", (x) => dimshuffle(x, [1, "x", 0]), [[real(3, 2)]]),
  exactRow("dimshuffle that drops", (x) => dimshuffle(x, [2, 0]), [[real(3, 1, 2)]]),
  exactRow("transpose", (x) => transpose(x), [[real(3)], [real(3, 2)], [real(2, 3, 4)]]),
  exactRow("expandDims", (x) => expandDims(x, -1), [[real(3)], [real(3, 2)]]),
  exactRow("squeeze", (x) => squeeze(x), [[real(1, 3, 1)]]),
  exactRow("moveAxis", (x) => moveAxis(x, 0, -1), [[real(2, 3, 4)]]),
  exactRow("reshape", (x) => reshape(x, [3, -1]), [[real(6)], [real(2, 3)], [real(2, 3, 2)]]),
  exactRow("flatten", (x) => flatten(x), [[real(2, 3)], [real()]]),
  exactRow("concatenate", (x, y) => concatenate([x, y, x], 1), [[real(2, 3), real(2, 2)]]),
  exactRow(
    "concatenate with nothing",
    (x, y) => concatenate([x, y], 1),
    [[real(2, 1), real(2, 0)]],
    {
      lower: false,
    },
  ),
  exactRow("stack", (x, y) => stack([x, y], 1), [[real(2, 3), real(2, 3)]]),
  row("split", (x) => sub(...pair(split(x, [2, 2], 1))), [[real(3, 4)]]),
  row("unstack", (x) => mul(...pair(unstack(x, 1))), [[real(3, 2)]], { symbolic: false }),
  exactRow("slice", (x) => sliceAxis(x, 1, 1, 2), [[real(3, 4)], [real(2, 3)]]),
  exactRow("reverse", (x) => reverse(x, 1), [[real(3, 4)]]),
  row("arange", (x) => add(x, arange(1, 7, 2)), [[real(3)]]),
  row("arange down", (x) => add(x, arange(7, 1, -2)), [[real(3)]]),
  row("sizeValue", (x) => mul(x, sizeValue(x.shape[0] ?? 0)), [[real(3)]]),
  exactRow("oneHot", (x) => oneHot(x, 4), [[integers([5], 0, 4)], [integers([2, 3], 0, 4)]]),
];

function pair<T>([x, y]: readonly T[]): [T, T] {
  if (x === undefined || y === undefined) throw new Error("not a pair");
  return [x, y];
}
