/** Which ordered loops over rows are shared out by the places in a row: only where no two invocations can touch one element. */
import {
  constantSize,
  indexOf,
  indexVar,
  load,
  type Index,
  type Statement,
} from "@scan-train/core/backend-kit";
import { expect, it } from "vitest";
import { besideOf } from "../src/codegen/beside.ts";
import { buffers, n } from "./build-program.ts";

const { ids, table, rows } = buffers({ ids: "i32", table: "f32", rows: "f32" });
const columns = 3;
const [row, column] = [indexVar("row"), indexVar("column")];

/** `table[stride ids[row] + offset + column] = rows[columns row + column]`, row by row. */
function scatter(stride: number, offset: number): readonly Statement[] {
  const id = load(ids, indexOf(row));
  const place: Index = {
    terms: [
      { coef: constantSize(stride), of: id },
      { coef: constantSize(1), of: column },
    ],
    offset: constantSize(offset),
  };
  const from: Index = {
    terms: [
      { coef: constantSize(columns), of: row },
      { coef: constantSize(1), of: column },
    ],
    offset: constantSize(0),
  };
  const store: Statement = { kind: "store", buffer: table, index: place, value: load(rows, from) };
  const extent = constantSize(columns);
  const inner: Statement = { kind: "for", var: column, extent, parallel: true, body: [store] };
  return [{ kind: "for", var: row, extent: n, parallel: false, body: [inner] }];
}

it.each([
  ["whole rows", 3, 0, true],
  ["every second row", 6, 3, true],
  ["rows that overlap", 2, 0, false],
  ["rows that begin within rows", 3, 1, false],
])("%s", (_, stride, offset, alone) => {
  expect(besideOf(scatter(stride, offset))?.axes.map((axis) => axis.var)).toEqual(
    alone ? [column] : undefined,
  );
});
