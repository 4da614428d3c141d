/** Products of matrices. */
import type { NDArray } from "../../../src/graph/ndarray.ts";
import { dot, matmulBatched, outer } from "../../../src/ops/dot.ts";
import { matmul, matmulAdd } from "../../../src/ops/matmul.ts";
import { integers, real, reals } from "../samples.ts";
import { row, type OpSpec } from "./op-spec.ts";

/** So that sums of many products stay around 1. */
const small = (...shape: number[]): NDArray => reals(shape, -0.25, 0.25);

export const products: OpSpec[] = [
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
  row("dot of long rows", dot, [[small(2, 600), small(600, 3)]]),
  row("dot of int32", dot, [[integers([2, 3], -9, 9), integers([3, 2], -9, 9)]]),
  row("matmul", matmul, [
    [real(2, 3), real(3, 4)],
    [real(2, 2, 3), real(2, 3, 1)],
  ]),
  row("matmulAdd", matmulAdd, [
    [real(2, 3), real(3, 4), real(2, 4)],
    [small(2, 300), small(300, 3), real(2, 3)],
  ]),
  row("matmulBatched", matmulBatched, [
    [real(5, 2, 3), real(5, 3, 4)],
    [real(2, 3), real(5, 3, 4)],
    [real(2, 1, 2, 3), real(3, 3, 2)],
    [real(3), real(2, 3, 2)],
  ]),
  row("outer", outer, [[real(3), real(4)]]),
];
