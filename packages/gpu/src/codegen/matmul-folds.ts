/** Products of few rows or columns as folds, which teams share out: a matrix times a vector. */
import {
  addIndexes,
  binary,
  indexOf,
  indexVar,
  load,
  readVar,
  scalarVar,
  type Index,
  type IndexVar,
  type MatrixView,
  type Statement,
} from "@scan-train/core/backend-kit";

type Matmul = Extract<Statement, { kind: "matmul" }>;

/** One fold per element of c; along k as b, or else a, lies. Not for packed operands. */
export function productFolds(s: Matmul, b: MatrixView): readonly Statement[] {
  const [i, j, p] = [indexVar("i"), indexVar("j"), indexVar("p")];
  const sum = scalarVar("sum", "f32");
  const c = at(s.c, i, j);
  const total = s.accumulate ? binary("add", load(s.c.buffer, c), readVar(sum)) : readVar(sum);
  const inColumns = b.colStride.constant === 1 && (s.n.constant ?? Infinity) >= 16;
  const body: readonly Statement[] = [
    {
      kind: "reduce",
      var: sum,
      index: p,
      extent: s.k,
      op: "add",
      order: inColumns ? "blocks" : "lanes",
      value: binary("mul", load(s.a.buffer, at(s.a, i, p)), load(b.buffer, at(b, p, j))),
    },
    { kind: "store", buffer: s.c.buffer, index: c, value: total },
  ];
  const columns: Statement = { kind: "for", var: j, extent: s.n, parallel: true, body };
  return [{ kind: "for", var: i, extent: s.m, parallel: true, body: [columns] }];
}

function at({ offset, rowStride, colStride }: MatrixView, row: IndexVar, column: IndexVar): Index {
  return addIndexes(offset, addIndexes(indexOf(row, rowStride), indexOf(column, colStride)));
}
