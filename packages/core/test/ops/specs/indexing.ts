/** Parts by places, slices and arrays. */
import { incSubtensor, index, setSubtensor, take } from "../../../src/ops/subtensor.ts";
import { takeAlongLast } from "../../../src/ops/take-along.ts";
import { given, real } from "../samples.ts";
import { exactRow, ids, place, row, type OpSpec } from "./op-spec.ts";

export const indexing: OpSpec[] = [
  exactRow("index by a place", (x) => index(x, 1), [[real(3)], [real(3, 2)]]),
  exactRow("index by a place from the end", (x) => index(x, "...", -1), [[real(3)], [real(3, 2)]]),
  exactRow("index by slices", (x) => index(x, { start: 1 }, { stop: -1 }), [
    [real(3, 4)],
    [real(1, 1)],
  ]),
  exactRow("index by steps", (x) => index(x, { step: -2 }, null, { start: 1, step: 2 }), [
    [real(5, 4)],
  ]),
  exactRow("index by a slice that is too long", (x) => index(x, { start: -9, stop: 9 }), [
    [real(3)],
  ]),
  exactRow("index by a backward slice", (x) => index(x, { start: -2, stop: 0, step: -1 }), [
    [real(5)],
    [real(1)],
  ]),
  exactRow("index by a scalar", (x, i) => index(x, i), [
    [real(3), place(2)],
    [real(3, 2), place(-3)],
  ]),
  exactRow("index by a scalar and a slice", (x, i) => index(x, { start: 1 }, i), [
    [real(3, 2), place(-1)],
  ]),
  row("index by an array", (x, i) => index(x, i), [
    [real(3), ids(2, 0, -1, 2)],
    [real(3, 2), given("int32", [2, 2], [0, 1, 1, 2])],
  ]),
  exactRow("index by an array on axis 1", (x, i) => index(x, { step: -1 }, i), [
    [real(3, 4), ids(2, 0, 3)],
  ]),
  exactRow("index by two arrays", (x, i, j) => index(x, i, j), [
    [real(3, 4, 2), ids(2, 0, 2), ids(1, 3, 1)],
  ]),
  exactRow("index by two arrays apart", (x, i, j) => index(x, i, { stop: 2 }, j), [
    [real(3, 4, 2), ids(2, 0, 2), ids(1, 0, 1)],
  ]),
  exactRow("index by an array and a place apart", (x, i) => index(x, 1, { stop: 2 }, i), [
    [real(3, 4, 2), ids(1, 0, 1)],
  ]),
  exactRow("take", (x, i) => take(x, i, 1), [[real(2, 4), given("int32", [2, 2], [3, 0, 3, 1])]]),
  exactRow("takeAlongLast", takeAlongLast, [
    [real(3, 4), ids(2, -1, 0)],
    [real(4), place(1)],
  ]),
  exactRow("setSubtensor at a slice", (x, y) => setSubtensor(x, [{ start: 1 }], y), [
    [real(3, 2), real(2, 2)],
    [real(3, 2), real(2)],
    [real(3, 2), real()],
  ]),
  exactRow("setSubtensor at a place", (x, y) => setSubtensor(x, ["...", 0], y), [
    [real(3, 2), real(3)],
  ]),
  exactRow("setSubtensor at a scalar", (x, y, i) => setSubtensor(x, [i], y), [
    [real(3, 2), real(2), place(-1)],
  ]),
  exactRow("setSubtensor at an array", (x, y, i) => setSubtensor(x, [i], y), [
    [real(4, 2), real(3, 2), ids(1, 3, 1)],
  ]),
  exactRow("setSubtensor at two arrays", (x, y, i, j) => setSubtensor(x, [i, j], y), [
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
