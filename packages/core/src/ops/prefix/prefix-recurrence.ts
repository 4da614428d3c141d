/** Linear recurrences of vectors, whose elements are pairs of a matrix and a vector, as prefix combinations. */
import { InternalError } from "../../errors/errors.ts";
import type { GradientContext } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { add, mul } from "../arithmetic.ts";
import { present } from "../arity.ts";
import type { MakePrefix } from "./prefix-params.ts";
import { firstRow, joined, oneRow, otherRows } from "./prefix-rows.ts";

export type Maybe = Tensor | undefined;
/** Rows of elements by place: entry [i][j] undefined where zero. */
export type Matrix = readonly (readonly Maybe[])[];

/** Which parts are not zero: those given, and those that others reach. */
export function reached(given: readonly Maybe[], matrix: Matrix): readonly boolean[] {
  const found = given.map((x) => x !== undefined);
  for (let count = -1; count !== found.filter(Boolean).length;) {
    count = found.filter(Boolean).length;
    for (const [i, row] of matrix.entries())
      for (const [j, entry] of row.entries())
        if (found[i] === true && entry !== undefined) found[j] = true;
  }
  return found;
}

/** One entry of the matrix of an element. */
interface Entry {
  readonly i: number;
  readonly j: number;
}

/** v(t) = v(t-1) M(t) + b(t) for rows `[T, ...]` of b and `[T - 1, ...]` of M; backwards: v(t) = v(t+1) M(t) + b(t). */
export function recurrence(
  context: GradientContext,
  b: readonly Maybe[],
  matrix: Matrix,
  backwards: boolean,
  make: MakePrefix,
): readonly Maybe[] {
  const parts = b.flatMap((x, i) => (x === undefined ? [] : [i]));
  const entries = products(parts, matrix);
  const rowsOf = (part: number): Tensor => {
    const rows = b[part];
    if (rows === undefined) throw new InternalError("a recurrence of nothing");
    return rows;
  };
  const factors = entries.map(({ i, j }) => {
    const like = rowsOf(j);
    const zero = context.zeros(otherRows(like, backwards));
    // The first row is never on the right of anything.
    const first = context.zeros(firstRow(like, backwards));
    const rest = matrix[i]?.[j] ?? zero;
    return joined(first, rest, backwards);
  });
  const elements = [...factors, ...parts.map(rowsOf)];
  const side = (): Tensor[] => elements.map(oneRow);
  const [left, right] = [side(), side()];
  const entry = (of: readonly Tensor[], i: number, j: number): Maybe =>
    of[entries.findIndex((e) => e.i === i && e.j === j)];
  const through = (vector: (i: number) => Maybe, j: number): Maybe =>
    sumOf(parts.map((i) => product(vector(i), entry(right, i, j))));
  const combined = [
    ...entries.map(
      ({ i, j }, k) => through((m) => entry(left, i, m), j) ?? zeroOf(context, left, k),
    ),
    ...parts.map((j, k) => {
      const own = right[entries.length + k];
      const carried = through((i) => left[entries.length + parts.indexOf(i)], j);
      return sumOf([carried, own]) ?? zeroOf(context, left, k);
    }),
  ];
  const block = { inputs: [...left, ...right], outputs: combined };
  const results = make([], elements, block, backwards).slice(entries.length);
  return b.map((_, i) => (parts.includes(i) ? results[parts.indexOf(i)] : undefined));
}

/** The entries that products of such matrices can have. */
function products(parts: readonly number[], matrix: Matrix): readonly Entry[] {
  const has = new Set(
    parts.flatMap((i) => parts.flatMap((j) => (matrix[i]?.[j] === undefined ? [] : [`${i},${j}`]))),
  );
  for (const k of parts)
    for (const i of parts)
      for (const j of parts) if (has.has(`${i},${k}`) && has.has(`${k},${j}`)) has.add(`${i},${j}`);
  return parts.flatMap((i) => parts.flatMap((j) => (has.has(`${i},${j}`) ? [{ i, j }] : [])));
}

function zeroOf(context: GradientContext, left: readonly Tensor[], k: number): Tensor {
  const like = left[k];
  if (like === undefined) throw new InternalError("a recurrence of nothing");
  return context.zeros(like);
}

const product = (x: Maybe, y: Maybe): Maybe =>
  x === undefined || y === undefined ? undefined : mul(x, y);

const sumOf = (terms: readonly Maybe[]): Maybe =>
  present(terms).reduce<Maybe>((sum, x) => (sum === undefined ? x : add(sum, x)), undefined);
